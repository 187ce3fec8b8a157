import { isIPv4 } from "node:net";
import * as ipaddr from "ipaddr.js";

/** Which Internet protocol an address belongs to. */
export type Family = "ipv4" | "ipv6";

/**
 * The family of an address, or undefined if the text is no plain address (no zone, no prefix, no short form of IPv4).
 */
export function familyOf(address: string): Family | undefined {
  if (isIPv4(address)) return "ipv4";
  if (address.includes(":") && !address.includes("%") && ipaddr.IPv6.isValid(address)) return "ipv6";
  return undefined;
}

/** The canonical text of an address: RFC 5952 for IPv6. */
export function canonicalAddress(address: string): string {
  return address.includes(":") && familyOf(address) ? ipaddr.IPv6.parse(address).toRFC5952String() : address;
}

/** How to correct a text that is no address, where that is clear. */
export function addressMistake(text: string): string | undefined {
  if (text !== text.trim() && familyOf(text.trim())) return `leave out the space: "${text.trim()}"`;
  const [bare = "", prefix] = text.split("/");
  if (prefix !== undefined && familyOf(bare)) return `leave out the prefix length: "${bare}"`;
  const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  if (port !== undefined && familyOf(host)) return `give the port as a property of its own: "${host}"`;
  const [, inside = ""] = /^\[(.*)\]$/.exec(text) ?? [];
  if (familyOf(inside)) return `leave out the brackets: "${inside}"`;
  const [zoned = "", zone] = text.split("%");
  if (zone !== undefined && familyOf(zoned))
    return "addresses with a zone (%) are those of one link alone; give another";
  if (text.includes(":")) return undefined;
  const parts = text.split(".");
  if (parts.some((part) => !/^\d+$/.test(part))) {
    const isName = /^[\w.-]*[A-Za-z]{2}[\w.-]*$/.test(text) && !/^0x/i.test(text);
    return isName ? "names are not looked up; give the address" : undefined;
  }
  if (parts.length !== 4) return "an IPv4 address has four numbers";
  if (parts.some((part) => Number(part) > 255)) return "each number of an IPv4 address is at most 255";
  const decimal = parts.map(Number).join(".");
  return `leave out leading zeros, with which some programs read octal numbers: "${decimal}"`;
}

/** An address as numbers. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address as numbers; it must be valid. ipaddr.js' own `parse` throws and catches an error for each of IPv4. */
export function parsedAddress(address: string): Address {
  return address.includes(":") ? ipaddr.IPv6.parse(address) : ipaddr.IPv4.parse(address);
}

/** A network as numbers: an address in it, and the length of its prefix. It must be valid. */
export function parsedCidr(cidr: string): [Address, number] {
  return cidr.includes(":") ? ipaddr.IPv6.parseCIDR(cidr) : ipaddr.IPv4.parseCIDR(cidr);
}

/** The bytes of an address, 4 or 16; undefined if the text is no address. */
export function addressBytes(address: string): readonly number[] | undefined {
  return familyOf(address) === undefined ? undefined : parsedAddress(address).toByteArray();
}

/** The networks of all addresses, of both families. */
export const EVERYBODY: readonly string[] = ["0.0.0.0/0", "::/0"];

/** Joins an address and a port: `192.0.2.1:53` or `[2001:db8::1]:53`. */
export function hostPort(address: string, port: number): string {
  return familyOf(address) === "ipv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The host route of an address: `/32` or `/128`. */
export function hostCidr(address: string): string {
  return `${address}/${familyOf(address) === "ipv6" ? 128 : 32}`;
}

/** The canonical text of a network, host bits cleared; undefined if the text is no CIDR. */
export function canonicalCidr(cidr: string): string | undefined {
  const [address = "", bits = "", ...rest] = cidr.split("/");
  const family = familyOf(address);
  if (rest.length > 0 || family === undefined || !/^\d{1,3}$/.test(bits)) return undefined;
  if (Number(bits) > (family === "ipv4" ? 32 : 128)) return undefined;
  return family === "ipv4"
    ? `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${Number(bits)}`
    : `${ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String()}/${Number(bits)}`;
}

/** The network with this prefix length that contains an address. The address must be valid. */
export function networkOf(address: string, bits: number): string {
  const network = familyOf(address) === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${canonicalAddress(network.networkAddressFromCIDR(`${address}/${bits}`).toString())}/${bits}`;
}

/** The first host address of a network. The network must be valid, with at least two host bits. */
export function firstAddress(cidr: string): string {
  const [network] = parsedCidr(cidr);
  const bytes = network.toByteArray();
  return ipaddr.fromByteArray([...bytes.slice(0, -1), (bytes.at(-1) ?? 0) + 1]).toString();
}

/** Tells whether an address lies in a network. Both must be valid; families may differ. */
export function cidrContains(cidr: string, address: string): boolean {
  const network = parsedCidr(cidr);
  const parsed = parsedAddress(address);
  return network[0].kind() === parsed.kind() && parsed.match(network);
}

/** Tells whether a network lies in another. Both must be valid; families may differ. */
export function cidrWithin(inner: string, outer: string): boolean {
  const [network, bits] = parsedCidr(inner);
  return bits >= parsedCidr(outer)[1] && cidrContains(outer, network.toString());
}

/** Tells whether networks have an address in common. Both must be valid; families may differ. */
export function cidrsOverlap(one: string, other: string): boolean {
  return cidrWithin(one, other) || cidrWithin(other, one);
}

/** Tells whether networks together cover every address of a family. */
export function coversFamily(cidrs: readonly string[], family: Family): boolean {
  const own = cidrs.filter((cidr) => familyOf(cidr.split("/")[0] ?? "") === family);
  return coverOf(own)(family === "ipv4" ? "0.0.0.0/0" : "::/0");
}

/** Tells of a network whether these networks together cover every address of it. All must be valid; families may differ. */
export function coverOf(cidrs: readonly string[]): (network: string) => boolean {
  const ranges = cidrs.map(rangeOf).sort((a, b) => (a.first < b.first ? -1 : 1));
  return (network) => {
    const { family, first, end } = rangeOf(network);
    const covered = ranges.reduce(
      (reached, range) =>
        range.family === family && range.first <= reached && range.end > reached ? range.end : reached,
      first,
    );
    return covered >= end;
  };
}

/** The addresses of a network, as numbers. */
function rangeOf(cidr: string): { readonly family: string; readonly first: bigint; readonly end: bigint } {
  const [address, prefix] = parsedCidr(cidr);
  const bytes = address.toByteArray();
  const first = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: address.kind(), first, end: first + (1n << BigInt(bytes.length * 8 - prefix)) };
}

/** Tells whether a network covers every address of its family. */
export function isWholeFamily(cidr: string): boolean {
  return cidr.endsWith("/0");
}
