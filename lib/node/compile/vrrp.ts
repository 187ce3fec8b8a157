import type { KeepalivedBlock, KeepalivedLine } from "../../config/keepalived/model.js";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import { InternalError } from "../../core/errors.js";
import { type Family, familyOf, hostCidr } from "../../core/ip.js";
import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
import { LOOPBACK_PORTS, type PlatformProfile } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
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
const WEIGHTS = { drain: -100, dnsdist: -60, haproxy: -40, interfaces: -28, pools: -20 } as const;

const SYNC_GROUP = "dns";
const DRAIN = "drain";
const DNSDIST = "dnsdist";
const HAPROXY = "haproxy";
const FIRST_ROUTING_TABLE = 5300;

/** One check of the node's health as keepalived runs it. */
interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly fall: number;
  readonly weight: number;
}

/** keepalived's blocks for the switch that drains the node and for the checks of its daemons. */
export function keepalivedChecks(
  loadBalancer: LoadBalancer,
  node: LoadBalancerNode,
  { paths, versions }: PlatformProfile,
): KeepalivedBlock[] {
  // Each run is a process: more of them would take the processors from what they check.
  const interval: Duration = featuresOf(versions).subSecondChecks ? "500ms" : "1s";
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
    ...checksOf(loadBalancer, node, interval).map(
      ({ name, command, fall, weight }): KeepalivedBlock => ({
        keyword: "vrrp_script",
        name,
        entries: [
          ["script", [`${paths.agent}/check`, ...command].join(" ")],
          ["interval", String(toMilliseconds(interval) / 1_000)],
          ["timeout", "1"],
          ["fall", String(fall)],
          ["rise", "2"],
          ["weight", String(weight)],
        ],
      }),
    ),
  ];
}

/**
 * keepalived's instances, one for each family of virtual addresses; two are in a group, so that they move together.
 * What is tracked stands in the group then, and nowhere else: keepalived ignores weighted checks of the instances of a
 * group. A group of one it refuses.
 */
export function keepalivedInstances(loadBalancer: LoadBalancer, node: LoadBalancerNode, vrrp: Vrrp): KeepalivedBlock[] {
  const families = (["ipv4", "ipv6"] as const).filter((family) => addressesOf(loadBalancer, family).length > 0);
  const tracked: KeepalivedBlock[] = [
    { keyword: "track_file", entries: [[DRAIN]] },
    { keyword: "track_script", entries: checkNames(loadBalancer).map((name): KeepalivedLine => [name]) },
    ...trackedInterfaces(loadBalancer, node),
  ];
  const instances = families.map((family) => instance(loadBalancer, node, vrrp, family));
  const [only, ...others] = instances;
  if (only !== undefined && others.length === 0) return [{ ...only, entries: [...only.entries, ...tracked] }];
  const group: KeepalivedBlock = {
    keyword: "vrrp_sync_group",
    name: SYNC_GROUP,
    entries: [
      { keyword: "group", entries: families.map((family): KeepalivedLine => [instanceName(family)]) },
      ...tracked,
    ],
  };
  return [group, ...instances];
}

function instance(loadBalancer: LoadBalancer, node: LoadBalancerNode, vrrp: Vrrp, family: Family): KeepalivedBlock {
  const virtualAddresses = addressesOf(loadBalancer, family);
  const peers = peersOf(loadBalancer, node);
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
          ({ address, interface: device }): KeepalivedLine => [
            ...([hostCidr(address), "dev", device] as const),
            ...untracked(device, node),
          ],
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
                  ...untracked(device, node),
                ],
              ),
            } as const,
            {
              keyword: "virtual_rules",
              entries: gateways.flatMap(({ address, table }): KeepalivedLine[] => [
                // First what the node has routes for, by its own routes.
                [
                  ...(["from", address, "lookup", "main", "suppress_prefixlength", "0"] as const),
                  ...["priority", String(Number(table) - 100)],
                ],
                ["from", address, "lookup", table, "priority", table],
              ]),
            } as const,
          ]),
    ],
  };
}

function checksOf(loadBalancer: LoadBalancer, node: LoadBalancerNode, interval: Duration): Check[] {
  const pools = primaryPools(loadBalancer);
  const [peer = ""] = peersOf(loadBalancer, node).flatMap(({ addresses }) => addresses);
  return [
    { name: DNSDIST, command: ["dns", ALIVE_NAME], fall: 2, weight: WEIGHTS.dnsdist },
    {
      name: HAPROXY,
      command: ["http", String(LOOPBACK_PORTS.haproxyHealth), ALIVE_PATH],
      fall: 2,
      weight: WEIGHTS.haproxy,
    },
    ...pools.map((pool) => ({
      name: poolCheck(pool),
      command: ["pool", poolAliveName(pool), peer],
      fall: fallOf(pool, interval),
      weight: Math.min(-1, Math.trunc(WEIGHTS.pools / pools.length)),
    })),
  ];
}

/**
 * The nodes notice the death of a pool up to one probe apart. For so long and a little more the check must go on
 * failing, or a pool that dies on both nodes would move the addresses.
 */
function fallOf({ healthCheck }: Pool, interval: Duration): number {
  return Math.ceil(toMilliseconds(healthCheck.interval) / toMilliseconds(interval)) + 2;
}

function checkNames(loadBalancer: LoadBalancer): string[] {
  return [DNSDIST, HAPROXY, ...primaryPools(loadBalancer).map(poolCheck)];
}

function poolCheck({ name }: Pool): string {
  return `pool-${name}`;
}

/**
 * keepalived gives up, on both nodes, where any interface with an address is down. Another interface than the one of
 * the nodes' own addresses only weighs: the other node takes over if there it is up.
 */
function trackedInterfaces({ virtualAddresses }: LoadBalancer, node: LoadBalancerNode): KeepalivedBlock[] {
  const others = [...new Set(virtualAddresses.map((each) => each.interface))].filter((name) => name !== node.interface);
  if (others.length === 0) return [];
  const weight = String(Math.min(-1, Math.trunc(WEIGHTS.interfaces / others.length)));
  return [{ keyword: "track_interface", entries: others.map((name): KeepalivedLine => [name, "weight", weight]) }];
}

function untracked(device: string, node: LoadBalancerNode): string[] {
  return device === node.interface ? [] : ["no_track"];
}

function peersOf({ nodes }: LoadBalancer, { name }: LoadBalancerNode): LoadBalancerNode[] {
  return nodes.filter((node) => node.name !== name);
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
