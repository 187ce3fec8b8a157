import type { KeepalivedBlock, KeepalivedLine } from "../../config/keepalived/model.js";
import { toMilliseconds } from "../../core/duration.js";
import { InternalError } from "../../core/errors.js";
import { type Family, familyOf, hostCidr } from "../../core/ip.js";
import { WATCH } from "../../model/daemon-name.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { WatchCheck } from "../../model/manifest.js";
import { addressesOn, type NodeDescription } from "../../model/node.js";
import type { VirtualAddress } from "../../model/virtual-address.js";
import type { Vrrp } from "../../model/vrrp.js";
import { type Failure, failureOf } from "../failures.js";
import type { MobilityWork } from "../work.js";
import { RESULTS } from "./watch.js";

/**
 * The priority of a node without failures. Both nodes start as BACKUP with it, so that a node that is as healthy as the
 * master does not preempt it. A high priority makes the skew time of an election short.
 */
export const PRIORITY = 250;
const PREFERENCE = 1;

/** The highest TTL and hop limit: an advert that arrives with it has passed no router (RFC 5082). */
export const HIGHEST_TTL = "255";

/**
 * How much each failure reduces the priority, in decreasing order. Together they leave the priority above 0 with up to
 * nine pools; with more, each pool weighs LEAST, which still outweighs the preference. A daemon that is not in the list
 * of failures weighs LEAST too.
 */
export const WEIGHTS: Readonly<Record<Failure, number>> = {
  drain: -100,
  dnsdist: -60,
  haproxy: -40,
  interfaces: -28,
  pools: -18,
  watch: -2,
};
const LEAST = -2;

/** How often, in seconds, keepalived looks at the watch's heartbeat, and after how many looks in vain the watch is dead. */
export const WATCH_SCRIPT = { interval: 2, fall: 2 } as const;

const SYNC_GROUP = "dns";
const DRAIN = "drain";
/** The file that drains the node while it holds 1, in the node's directory for sockets. */
export const DRAIN_SWITCH = "drain";
const FIRST_ROUTING_TABLE = 5300;

/**
 * keepalived's blocks for the drain switch, for the checks of the agent's watch, and for the watch itself, because the
 * results of a dead watch are out of date.
 */
export function keepalivedChecks({ checks, profile: { paths } }: MobilityWork): KeepalivedBlock[] {
  return [
    {
      keyword: "track_file",
      name: DRAIN,
      entries: [
        ["file", `${paths.run}/${DRAIN_SWITCH}`],
        ["weight", String(WEIGHTS.drain)],
        ["init_file", "0"],
      ],
    },
    ...weightedChecks(checks).map(
      ({ name, weight }): KeepalivedBlock => ({
        keyword: "track_file",
        name,
        // No init_file: the watch creates the file, as its owner.
        entries: [
          ["file", `${paths.run}/${RESULTS}/check-${name}`],
          ["weight", String(weight)],
        ],
      }),
    ),
    {
      keyword: "vrrp_script",
      name: WATCH,
      entries: [
        ["script", `${paths.agent}/check ${paths.run}/${RESULTS}/${WATCH}`],
        ["interval", String(WATCH_SCRIPT.interval)],
        ["timeout", "1"],
        ["fall", String(WATCH_SCRIPT.fall)],
        ["rise", "1"],
        ["weight", String(WEIGHTS.watch)],
      ],
    },
  ];
}

/**
 * keepalived's instances, one for each family of virtual addresses; two form a sync group, so that they move together.
 * Then only the group tracks the checks, because keepalived ignores weighted checks of instances in a group. keepalived
 * refuses a group with one instance.
 */
export function keepalivedInstances(work: MobilityWork, vrrp: Vrrp): KeepalivedBlock[] {
  const { loadBalancer, node, checks } = work;
  const families = advertFamilies(loadBalancer);
  const tracked: KeepalivedBlock[] = [
    {
      keyword: "track_file",
      entries: [[DRAIN], ...weightedChecks(checks).map(({ name }): KeepalivedLine => [name])],
    },
    { keyword: "track_script", entries: [[WATCH]] },
    ...trackedInterfaces(loadBalancer, advertInterface(vrrp, node)),
  ];
  const instances = families.map((family) => instance(work, vrrp, family));
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

function instance({ loadBalancer, node, peers }: MobilityWork, vrrp: Vrrp, family: Family): KeepalivedBlock {
  const virtualAddresses = virtualAddressesOf(loadBalancer, family);
  const gateways = loadBalancer.virtualAddresses.flatMap((virtualAddress, index) =>
    virtualAddress.gateway !== undefined && familyOf(virtualAddress.address) === family
      ? [{ ...virtualAddress, gateway: virtualAddress.gateway, table: String(FIRST_ROUTING_TABLE + index) }]
      : [],
  );
  const carrier = advertInterface(vrrp, node);
  return {
    keyword: "vrrp_instance",
    name: instanceName(family),
    entries: [
      ["state", "BACKUP"],
      ["interface", carrier],
      ...(carriesAdvertsAlone(loadBalancer, vrrp) ? [["dont_track_primary"] as const] : []),
      ["virtual_router_id", String(vrrp.virtualRouterId)],
      ["priority", String(vrrp.preferredNode === node.name ? PRIORITY + PREFERENCE : PRIORITY)],
      ["advert_int", String(toMilliseconds(vrrp.advertisementInterval) / 1_000)],
      ["unicast_src_ip", advertAddress(node, vrrp, family)],
      ["unicast_ttl", HIGHEST_TTL],
      {
        keyword: "unicast_peer",
        entries: peers.map((peer): KeepalivedLine => [advertAddress(peer, vrrp, family), ...acceptedTtl(vrrp)]),
      },
      {
        keyword: "virtual_ipaddress",
        entries: virtualAddresses.map(
          ({ address, interface: device }): KeepalivedLine => [
            ...([hostCidr(address), "dev", device] as const),
            ...untracked(device, carrier),
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
                  ...untracked(device, carrier),
                ],
              ),
            } as const,
            {
              keyword: "virtual_rules",
              entries: gateways.flatMap(({ address, table }): KeepalivedLine[] => [
                // First the node's own routes, without the default route.
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

/** The checks of the watch with their weights. */
function weightedChecks(checks: readonly WatchCheck[]): { name: string; weight: number }[] {
  const pools = checks.filter(({ kind }) => kind === "pool").length;
  return checks.map((check) => ({ name: check.name, weight: weightOf(failureOf(check), pools) }));
}

/** The weight of a failure; that of `pools` is divided among the pools. */
function weightOf(failure: Failure | undefined, pools: number): number {
  if (failure === undefined) return LEAST;
  return failure === "pools" ? Math.min(LEAST, Math.trunc(WEIGHTS.pools / pools)) : WEIGHTS[failure];
}

/**
 * Tracks interfaces of virtual addresses, other than that of the adverts, with a weight: without one, an interface that
 * is down on both nodes would put both into FAULT state, and none would hold any address.
 */
function trackedInterfaces({ virtualAddresses }: LoadBalancer, carrier: string): KeepalivedBlock[] {
  const others = [...new Set(virtualAddresses.map((each) => each.interface))].filter((name) => name !== carrier);
  if (others.length === 0) return [];
  const weight = String(Math.min(-1, Math.trunc(WEIGHTS.interfaces / others.length)));
  return [{ keyword: "track_interface", entries: others.map((name): KeepalivedLine => [name, "weight", weight]) }];
}

function untracked(device: string, carrier: string): string[] {
  return device === carrier ? [] : ["no_track"];
}

function advertInterface(vrrp: Vrrp, node: NodeDescription): string {
  return vrrp.interface ?? node.interface;
}

/**
 * Whether adverts have an interface without virtual addresses. keepalived does not track that one: if it fails on both
 * nodes, as when its switch or its cable fails, both must not go into FAULT state, where none would hold any address.
 */
function carriesAdvertsAlone({ virtualAddresses, nodes }: LoadBalancer, { interface: device }: Vrrp): boolean {
  if (device === undefined || nodes.some((node) => node.interface === device)) return false;
  return virtualAddresses.every((each) => each.interface !== device);
}

/**
 * The accepted TTLs of a peer's adverts. Releases before sent IPv6 adverts with a hop limit of 64. Such a peer keeps its
 * place while IPv4 adverts arrive too: the instances of a group become master only together.
 */
function acceptedTtl({ ttlSecurity = false }: Vrrp): string[] {
  return ttlSecurity ? ["min_ttl", HIGHEST_TTL, "max_ttl", HIGHEST_TTL] : [];
}

/** The families of the adverts: those of the virtual addresses. */
export function advertFamilies(loadBalancer: LoadBalancer): Family[] {
  return (["ipv4", "ipv6"] as const).filter((family) => virtualAddressesOf(loadBalancer, family).length > 0);
}

function virtualAddressesOf({ virtualAddresses }: LoadBalancer, family: Family): VirtualAddress[] {
  return virtualAddresses.filter(({ address }) => familyOf(address) === family);
}

function instanceName(family: Family): string {
  return family === "ipv4" ? "v4" : "v6";
}

/** The node's own address of a family, from which it sends adverts and at which it takes them. */
export function advertAddress(node: NodeDescription, vrrp: Vrrp, family: Family): string {
  const own = addressesOn(node, advertInterface(vrrp, node)).find((address) => familyOf(address) === family);
  if (own === undefined) throw new InternalError(`node ${node.name} has no ${family} address for VRRP`);
  return own;
}
