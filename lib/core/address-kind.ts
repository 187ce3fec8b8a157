import * as ipaddr from "ipaddr.js";
import {
  type Address,
  addressBytes,
  canonicalAddress,
  cidrsOverlap,
  networkOf,
  parsedAddress,
  parsedCidr,
} from "./ip.js";

/** What an address is for, by the networks that the standards keep for special ones. */
export type AddressKind =
  | "unicast"
  | "unspecified"
  | "this-network"
  | "loopback"
  | "link-local"
  | "multicast"
  | "broadcast"
  | "reserved"
  | "discard"
  | "ipv4-mapped"
  | "ipv4-compatible"
  | "ipv4-translated"
  | "nat64";

type SpecialKind = Exclude<AddressKind, "unicast">;

/** The special networks, those within another one before it. */
const NETWORKS: readonly (readonly [network: string, kind: SpecialKind])[] = [
  ["0.0.0.0/32", "unspecified"],
  ["0.0.0.0/8", "this-network"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "broadcast"],
  ["240.0.0.0/4", "reserved"],
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::/96", "ipv4-compatible"],
  ["::ffff:0:0/96", "ipv4-mapped"],
  ["::ffff:0:0:0/96", "ipv4-translated"],
  ["64:ff9b::/96", "nat64"],
  ["64:ff9b:1::/48", "nat64"],
  ["::/8", "reserved"],
  ["100::/64", "discard"],
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
];

/** A text for some kinds. */
export type AddressMeaning = { readonly [K in AddressKind]?: string };

/** Why an address of a kind is none that can be given. */
export const MEANING: Readonly<Record<SpecialKind, string>> = {
  unspecified: "which stands for no address, or for all of a machine",
  "this-network": 'of 0.0.0.0/8, which stands for "this network" (RFC 1122)',
  loopback: "a loopback address, which is on every machine that machine itself",
  "link-local": "a link-local address, which means something else on each link",
  multicast: "a multicast address, which is that of a group and not of one machine",
  broadcast: "the broadcast address, which is that of every machine on a link",
  reserved: "which is reserved and is not routed",
  discard: "of 100::/64, whose packets are discarded (RFC 6666)",
  "ipv4-mapped": "an IPv4 address in the form of an IPv6 one, which some programs take for IPv4 and others do not",
  "ipv4-compatible": "an IPv4 address in an old form of IPv6, which nothing routes (RFC 4291)",
  "ipv4-translated": "an IPv4 address as translators between IPv4 and IPv6 write it (RFC 2765)",
  nat64: "which NAT64 makes of an IPv4 address (RFC 6052), so that no machine has it itself",
};

/** Read once: pools have thousands of addresses. */
const SPECIAL = NETWORKS.map(([network, kind]) => ({ network, kind, parsed: parsedCidr(network) }));

/** The kind of an address, which must be valid. */
export function kindOf(address: string): AddressKind {
  const parsed = parsedAddress(address);
  return kindWithin(parsed, 8 * parsed.toByteArray().length);
}

/** The kind that all addresses of a network have; "unicast" where it has others too. The network must be valid. */
export function kindOfNetwork(cidr: string): AddressKind {
  return kindWithin(...parsedCidr(cidr));
}

function kindWithin(address: Address, bits: number): AddressKind {
  const within = SPECIAL.find(
    ({ parsed }) => parsed[0].kind() === address.kind() && bits >= parsed[1] && address.match(parsed),
  );
  return within?.kind ?? "unicast";
}

/** The first special network, with its kind, of which a network has addresses. The network must be valid. */
export function specialNetworkIn(cidr: string): { readonly network: string; readonly kind: SpecialKind } | undefined {
  return SPECIAL.find(({ network }) => cidrsOverlap(cidr, network));
}

/** The IPv6 network in which HAProxy looks up the addresses of IPv4 clients, too. */
const MAPPED = "::ffff:0:0/96";

/** The parts of a network that hold no IPv4 address in the form of an IPv6 one; the network itself if it holds none. */
export function withoutMapped(cidr: string): readonly string[] {
  if (!cidrsOverlap(cidr, MAPPED)) return [cidr];
  const [, bits] = parsedCidr(cidr);
  const mapped = addressBytes("::ffff:0:0") ?? [];
  // At each bit further, the half without the mapped addresses.
  return Array.from({ length: Math.max(0, 96 - bits) }, (_, index) => {
    const bit = bits + index;
    const other = mapped.map((byte, at) => (at === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));
    return networkOf(ipaddr.fromByteArray(other).toString(), bit + 1);
  });
}

/** The kinds that hold an IPv4 address in their last 32 bits. */
const EMBEDDING: readonly AddressKind[] = ["ipv4-mapped", "ipv4-compatible", "ipv4-translated"];

/** The IPv4 address that an IPv6 address is another form of; undefined if it is none. */
export function ipv4In(address: string): string | undefined {
  return EMBEDDING.includes(kindOf(address)) ? lastFourBytes(address) : undefined;
}

/** The IPv4 network that an IPv6 network is another form of; undefined if it is none. */
export function ipv4NetworkIn(cidr: string): string | undefined {
  const [address = "", bits] = cidr.split("/");
  return EMBEDDING.includes(kindOfNetwork(cidr)) ? `${lastFourBytes(address)}/${Number(bits) - 96}` : undefined;
}

function lastFourBytes(address: string): string {
  return canonicalAddress(ipaddr.fromByteArray([...(addressBytes(address) ?? [])].slice(-4)).toString());
}

/** The place of an address in its subnet that is no machine's. */
export type Place = "network" | "broadcast" | "routers";

/** What an address at such a place is, before "of" and the subnet. */
const PLACE: Readonly<Record<Place, string>> = {
  network: "the first address, that of the network itself,",
  broadcast: "the last address, that of all machines,",
  routers: "the first address, that of all routers,",
};

/**
 * What an address of an IPv4 subnet is that no machine in it can have: its first address, which names the subnet, or its
 * last, which is that of all machines in it. In IPv6 the first is that of all routers. Undefined for all others.
 */
export function placeInSubnet(cidr: string, address: string): Place | undefined {
  const [network, bits] = parsedCidr(cidr);
  const parsed = parsedAddress(address);
  if (network.kind() !== parsed.kind() || !parsed.match([network, bits])) return undefined;
  const [bytes, length] = [parsed.toByteArray(), parsed.toByteArray().length * 8];
  // A subnet of two addresses has neither (RFC 3021, RFC 6164).
  if (length - bits < 2) return undefined;
  const hostBits = bytes.flatMap((byte, index) => bitsOf(byte).slice(Math.max(0, bits - index * 8)));
  if (hostBits.every((bit) => bit === "0")) return length === 32 ? "network" : "routers";
  return length === 32 && hostBits.every((bit) => bit === "1") ? "broadcast" : undefined;
}

/** The message about an address that no machine can have in a subnet, but for the places that it takes; undefined for others. */
export function placeMistake(subnet: string, address: string, takes: readonly Place[] = []): string | undefined {
  const place = placeInSubnet(subnet, address);
  if (place === undefined || takes.includes(place)) return undefined;
  return `must not be ${PLACE[place]} of ${subnet}, got "${address}"; choose another address`;
}

function bitsOf(byte: number): string[] {
  return [...byte.toString(2).padStart(8, "0")];
}
