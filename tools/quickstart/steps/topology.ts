import { canonicalAddress } from "../../../lib/core/ip.js";
import type { Listener } from "../../../lib/model/listener.js";
import { type LoadBalancer, poolsOf } from "../../../lib/model/load-balancer.js";
import type { PoolMember } from "../../../lib/model/pool-member.js";
import type { Lab } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { Topology } from "../report.js";

/** Tells what runs, and which node holds the virtual addresses. */
export async function topologyOf(lab: Lab, model: LoadBalancer): Promise<Topology> {
  const virtualAddresses = await Promise.all(
    model.virtualAddresses.map(async ({ address, interface: name }) => ({
      address: canonicalAddress(address),
      interface: name,
      holders: await lab.holders(address),
    })),
  );
  const leads = (name: string) => virtualAddresses.every(({ holders }) => holders.includes(name));
  return {
    nodes: model.nodes.map(({ name, addresses }) => ({ name, addresses, leads: leads(name) })),
    virtualAddresses,
    frontends: model.frontends.map(({ name, addresses, pool, tcpPath, listeners }) => ({
      ...{ name, addresses, tcpPath, pool: pool.name },
      transports: listeners.flatMap(transportsOf),
    })),
    pools: poolsOf(model).map(({ name, servers, fallback }) => ({
      name,
      servers: servers.map(serverText),
      ...(fallback === undefined ? {} : { fallback: fallback.name }),
    })),
  };
}

/** Shows the topology. */
export function showTopology({ nodes, virtualAddresses, frontends, pools }: Topology): string {
  return [
    table(
      ["node", "addresses", "role"],
      nodes.map(({ name, addresses, leads }) => [name, addresses.join(", "), leads ? "master" : "backup"]),
    ),
    table(
      ["virtual address", "interface", "held by"],
      virtualAddresses.map(({ address, interface: name, holders }) => [
        address,
        name,
        holders.join(" and ") || "nobody",
      ]),
    ),
    table(
      ["frontend", "addresses", "transports", "pool", "TCP path"],
      frontends.map(({ name, addresses, transports, pool, tcpPath }) => [
        ...[name, addresses.join(", "), transports.join(", "), pool, tcpPath],
      ]),
    ),
    table(
      ["pool", "servers"],
      pools.map(({ name, servers, fallback }) => [
        name,
        [...servers, ...(fallback === undefined ? [] : [`else the pool ${fallback}`])].join(", "),
      ]),
    ),
  ].join("\n\n");
}

const TRANSPORTS: { readonly [K in Listener["kind"]]: readonly string[] } = {
  dns: ["UDP", "TCP"],
  dot: ["DoT"],
  "pass-through": ["DoT"],
};

function transportsOf({ kind, port }: Listener): string[] {
  return TRANSPORTS[kind].map((transport) => `${transport} ${port}`);
}

function serverText({ name, address, tls }: PoolMember): string {
  return `${name} ${address}${tls === undefined ? "" : " (DoT)"}`;
}
