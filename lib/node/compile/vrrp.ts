import type { KeepalivedBlock, KeepalivedLine } from "../../config/keepalived/model.js";
import { toMilliseconds } from "../../core/duration.js";
import { InternalError } from "../../core/errors.js";
import { type Family, familyOf, hostCidr } from "../../core/ip.js";
import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
import { LOOPBACK_PORTS, type PlatformProfile } from "../../model/platform-profile.js";
import type { VirtualAddress } from "../../model/virtual-address.js";
import type { Vrrp } from "../../model/vrrp.js";
import { featuresOf } from "../features.js";
import { ALIVE_NAME, poolAliveName } from "./names.js";
import { ALIVE_PATH, primaryPools } from "./node-health.js";

/*
 * Both nodes start as BACKUP with the same priority, the highest that leaves the checks their weights: a node that is
 * as healthy as the other takes nothing away from it, and the skew of an election is the shortest.
 */
const PRIORITY = 250;
const PREFERENCE = 2;

/* Each weight is smaller than the one before, and all together leave the priority above 0. */
const WEIGHTS = { drain: -100, dnsdist: -60, haproxy: -40, pools: -20 } as const;

const SYNC_GROUP = "dns";
const DRAIN = "drain";
const FIRST_ROUTING_TABLE = 5300;

/** One check of the node's health as keepalived runs it. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly weight: number;
}

/** keepalived's blocks for the switch that drains the node and for the checks of its daemons. */
export function keepalivedChecks(loadBalancer: LoadBalancer, { paths, versions }: PlatformProfile): KeepalivedBlock[] {
  const interval = featuresOf(versions).subSecondChecks ? "0.5" : "1";
  return [
    {
      keyword: "track_file",
      name: DRAIN,
      entries: [
        ["file", `${paths.run}/drain`],
        ["weight", String(WEIGHTS.drain)],
        ["init_file", "0"],
      ],
    },
    ...checksOf(loadBalancer).map(
      ({ name, command, weight }): KeepalivedBlock => ({
        keyword: "vrrp_script",
        name,
        entries: [
          ["script", [`${paths.agent}/check`, ...command].join(" ")],
          ["interval", interval],
          ["timeout", "1"],
          ["fall", "2"],
          ["rise", "2"],
          ["weight", String(weight)],
        ],
      }),
    ),
  ];
}

/** keepalived's group and instances, one for each family of virtual addresses; they move together. */
export function keepalivedInstances(loadBalancer: LoadBalancer, node: LoadBalancerNode, vrrp: Vrrp): KeepalivedBlock[] {
  const families = (["ipv4", "ipv6"] as const).filter((family) => addressesOf(loadBalancer, family).length > 0);
  return [
    {
      keyword: "vrrp_sync_group",
      name: SYNC_GROUP,
      entries: [
        { keyword: "group", entries: families.map((family): KeepalivedLine => [instanceName(family)]) },
        // In the group and nowhere else: keepalived ignores weighted checks of the instances of a group.
        { keyword: "track_file", entries: [[DRAIN]] },
        { keyword: "track_script", entries: checksOf(loadBalancer).map(({ name }): KeepalivedLine => [name]) },
      ],
    },
    ...families.map((family) => instance(loadBalancer, node, vrrp, family)),
  ];
}

function instance(loadBalancer: LoadBalancer, node: LoadBalancerNode, vrrp: Vrrp, family: Family): KeepalivedBlock {
  const virtualAddresses = addressesOf(loadBalancer, family);
  const peers = loadBalancer.nodes.filter(({ name }) => name !== node.name);
  const gateways = loadBalancer.virtualAddresses.flatMap((virtualAddress, index) =>
    virtualAddress.gateway !== undefined && familyOf(virtualAddress.address) === family
      ? [{ ...virtualAddress, gateway: virtualAddress.gateway, table: String(FIRST_ROUTING_TABLE + index) }]
      : [],
  );
  return {
    keyword: "vrrp_instance",
    name: instanceName(family),
    entries: [
      ["state", "BACKUP"],
      ["interface", node.interface],
      ["virtual_router_id", String(vrrp.virtualRouterId)],
      ["priority", String(vrrp.preferredNode === node.name ? PRIORITY + PREFERENCE : PRIORITY)],
      ["advert_int", String(toMilliseconds(vrrp.advertisementInterval) / 1_000)],
      ["unicast_src_ip", ownAddress(node, family)],
      { keyword: "unicast_peer", entries: peers.map((peer): KeepalivedLine => [ownAddress(peer, family)]) },
      {
        keyword: "virtual_ipaddress",
        entries: virtualAddresses.map(
          ({ address, interface: device }): KeepalivedLine => [hostCidr(address), "dev", device],
        ),
      },
      ...(gateways.length === 0
        ? []
        : [
            {
              keyword: "virtual_routes",
              entries: gateways.map(
                ({ gateway, interface: device, table }): KeepalivedLine => [
                  ...(["default", "via", gateway, "dev", device, "onlink", "table", table] as const),
                ],
              ),
            } as const,
            {
              keyword: "virtual_rules",
              entries: gateways.map(
                ({ address, table }): KeepalivedLine => ["from", address, "lookup", table, "priority", table],
              ),
            } as const,
          ]),
    ],
  };
}

function checksOf(loadBalancer: LoadBalancer): Check[] {
  const pools = primaryPools(loadBalancer);
  return [
    { name: "dnsdist", command: ["dns", ALIVE_NAME], weight: WEIGHTS.dnsdist },
    { name: "haproxy", command: ["http", String(LOOPBACK_PORTS.haproxyHealth), ALIVE_PATH], weight: WEIGHTS.haproxy },
    ...pools.map((pool) => ({
      name: `pool-${pool.name}`,
      command: ["dns", poolAliveName(pool)],
      weight: Math.min(-1, Math.trunc(WEIGHTS.pools / pools.length)),
    })),
  ];
}

function addressesOf({ virtualAddresses }: LoadBalancer, family: Family): VirtualAddress[] {
  return virtualAddresses.filter(({ address }) => familyOf(address) === family);
}

function instanceName(family: Family): string {
  return family === "ipv4" ? "v4" : "v6";
}

function ownAddress(node: LoadBalancerNode, family: Family): string {
  const own = node.addresses.find((address) => familyOf(address) === family);
  if (own === undefined) throw new InternalError(`node ${node.name} has no ${family} address for VRRP`);
  return own;
}
