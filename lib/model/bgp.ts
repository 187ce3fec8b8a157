import type { Duration } from "../core/duration.js";
import { addressBytes, type Family, familyOf } from "../core/ip.js";
import type { NodeDescription } from "./node.js";
import type { Secret } from "./secret.js";

/** How the nodes of a group announce their addresses to the routers before them (BGP, RFC 4271). */
export interface Bgp {
  /** The autonomous system of the group. */
  readonly asn: number;
  readonly members: readonly BgpMember[];
  /** Whether a node installs the default routes that its neighbors announce, or has one of its own. */
  readonly defaultRoute: "static" | "bgp";
  readonly whenSick: WhenSick;
}

/** What a node does while something of it fails that works on another one. */
export interface WhenSick {
  readonly daemon: SickReaction;
  readonly pool: SickReaction;
}

/** The node makes its path longer, or announces nothing while a better node is known to announce. */
export type SickReaction = "prepend" | "withdraw";

/** A node of a group, with its neighbors. */
export interface BgpMember {
  /** The name of the node. */
  readonly node: string;
  readonly neighbors: readonly BgpNeighbor[];
  /** Added to all that the node announces (RFC 1997). */
  readonly communities: readonly Community[];
}

/** A community: `"64500:310"`. */
export type Community = `${number}:${number}`;

/** A router to which a node announces. */
export interface BgpNeighbor {
  readonly address: string;
  readonly asn: number;
  /** Of TCP MD5 (RFC 2385); absent: none. */
  readonly password?: Secret;
  /** How the node notices that the router is gone (RFC 5880); absent: by BGP's hold time. */
  readonly bfd?: Bfd;
  /** How many hops the router may be away; absent: it is on a network of the node. */
  readonly multihop?: number;
}

/** How often packets of BFD are sent, and how many may be lost. */
export interface Bfd {
  readonly interval: Duration;
  readonly multiplier: number;
}

const FAMILIES = ["ipv4", "ipv6"] as const;

/** The family in which the nodes of a group ask each other: one that all have; undefined if there is none. */
export function meetingFamily(nodes: readonly Pick<NodeDescription, "addresses">[]): Family | undefined {
  return FAMILIES.find((family) => nodes.every(({ addresses }) => addresses.some((own) => familyOf(own) === family)));
}

/**
 * The number by which routers tell nodes apart, as RFC 6286 has it: the IPv4 address, or the last 32 bits of the IPv6 address;
 * undefined of a node without an address.
 */
export function routerIdOf({ addresses }: Pick<NodeDescription, "addresses">): string | undefined {
  const address = addresses.find((each) => familyOf(each) === "ipv4") ?? addresses[0] ?? "";
  return addressBytes(address)?.slice(-4).join(".");
}
