import { canonicalAddress, cidrContains, cidrWithin, familyOf, hostPort } from "../core/ip.js";
import type { Frontend } from "../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import { ownAddressesOf } from "../model/node.js";
import { type Pool, withFallback } from "../model/pool.js";
import type { PoolMember } from "../model/pool-member.js";
import type { Rule } from "./rule.js";

/**
 * DNSLB014: a server that gives its zones to the load balancer, behind a frontend whose TCP connections HAProxy passes on
 * unread under the load balancer's own address: every client of the frontend could transfer the zones.
 */
export const transferBypass: Rule = (loadBalancer) =>
  loadBalancer.frontends.flatMap((frontend, index) => {
    if (frontend.tcpPath !== "direct") return [];
    return withFallback(frontend.pool)
      .filter(({ clientAddress, zoneTransfer }) => clientAddress === "hidden" && zoneTransfer === undefined)
      .flatMap((pool) =>
        pool.servers.flatMap((server) => {
          const reason = reasonOf(loadBalancer, frontend, pool, server);
          if (reason === undefined) return [];
          return [
            {
              code: "DNSLB014",
              part: { kind: "frontend", index } as const,
              property: "pool",
              message: `leads to server "${server.name}" of pool "${pool.name}" at ${hostPort(server.address, server.port)}, ${reason}, so that by the direct TCP path every client of the frontend could transfer its zones; set tcpPath: "inspected", or give the frontend another server`,
            },
          ];
        }),
      );
  });

/** Why the server would take a client for the load balancer and let it transfer; undefined if it would not. */
function reasonOf(loadBalancer: LoadBalancer, frontend: Frontend, pool: Pool, server: PoolMember): string | undefined {
  const trusting = poolsOf(loadBalancer).find(
    (other) =>
      other.zoneTransfer !== undefined &&
      !isWithin(frontend.allowFrom, other.zoneTransfer.allowFrom) &&
      other.servers.some((each) => isSame({ pool, server }, { pool: other, server: each })),
  );
  if (trusting !== undefined)
    return `which gives its zones to the load balancer for the 'zoneTransfer' of pool "${trusting.name}"`;
  const { transfersTo = [] } = server.deployed ?? {};
  const own = loadBalancer.nodes
    .flatMap(ownAddressesOf)
    .find((address) => transfersTo.some((network) => contains(network, address)));
  if (own === undefined || isWithin(frontend.allowFrom, transfersTo)) return undefined;
  return `which lets ${own}, an address of the load balancer, transfer its zones without a key`;
}

interface Member {
  readonly pool: Pool;
  readonly server: PoolMember;
}

/** Whether two members of pools are one server: at one port, or at one address with a zone that both pools have. */
function isSame(one: Member, other: Member): boolean {
  if (canonicalAddress(one.server.address) !== canonicalAddress(other.server.address)) return false;
  if (one.server.port === other.server.port) return true;
  const zones = one.pool.zones.map((zone) => zone.toLowerCase());
  return other.pool.zones.some((zone) => zones.includes(zone.toLowerCase()));
}

function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((network) => outer.some((each) => cidrWithin(network, each)));
}

function contains(network: string, address: string): boolean {
  return familyOf(network.split("/")[0] ?? "") === familyOf(address) && cidrContains(network, address);
}
