import {
  type AddressKind,
  type AddressMeaning,
  ipv4In,
  ipv4NetworkIn,
  kindOf,
  kindOfNetwork,
  MEANING,
  specialNetworkIn,
} from "../core/address-kind.js";
import { addressMistake, canonicalAddress, canonicalCidr, type Family, familyOf, hostCidr } from "../core/ip.js";
import { type Field, parsed, type Refusal } from "./schema.js";

const FAMILY: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

const isText = (value: unknown): value is string => typeof value === "string";

/** Who has an address: what messages call it, and the kinds of addresses that it may be beside unicast ones. */
interface Role {
  readonly noun: string;
  readonly takes: readonly AddressKind[];
  /** What to do about an address of a kind. */
  readonly advice?: AddressMeaning;
}

const NODE: Role = { noun: "an address that one machine has", takes: [] };
const VIRTUAL: Role = { noun: "an address that a node can hold", takes: [] };
/** A gateway stands on a link of the node, so that a link-local address is one of its own. */
const GATEWAY: Role = { noun: "the address of a router", takes: ["link-local"] };
/** A router to which a node speaks BGP, by an address that needs no interface beside it. */
const NEIGHBOR: Role = {
  noun: "the address of a router",
  takes: [],
  advice: { "link-local": "give the router's other address on that network" },
};
/**
 * IPv4 link-local addresses are those of the resolvers of some clouds, NAT64 ones those of IPv4 servers in networks
 * without IPv4. Neither is chosen by who writes it here.
 */
const SERVER: Role = {
  noun: "the address of a server",
  takes: ["nat64"],
  advice: {
    unspecified: "give the server's own address",
    loopback: "on a node that is the node itself, so give the address at which the node reaches the server",
    "link-local": "give an address that needs no interface beside it",
  },
};
/** A resolver may have another beside it on its node, such as one that encrypts what it forwards. */
const FORWARDER: Role = { noun: "the address of a server", takes: ["nat64", "loopback"] };
const LISTENER: Role = {
  noun: "an address of the load balancer",
  takes: [],
  advice: { unspecified: "leave it out for the default, or list addresses of the load balancer" },
};

/** Any IPv4 or IPv6 address, also one that no machine has, such as the data of a record; kept in canonical form. */
export const address: Field<string> = addressField(undefined, undefined);

/** An address of a node, of a family; and what to say where it is missing. */
export function nodeAddress(family: Family, required?: string): Field<string> {
  return addressField(NODE, { family, other: family === "ipv4" ? "address6" : "address" }, required);
}

/** An address that moves between nodes. */
export const virtualAddress: Field<string> = addressField(VIRTUAL, undefined);

/** A router on a link of a node. */
export const gatewayAddress: Field<string> = addressField(GATEWAY, undefined);

/** A router to which a node speaks BGP. */
export const neighborAddress: Field<string> = addressField(NEIGHBOR, undefined);

/** A server that nodes query, or that queries them. */
export const serverAddress: Field<string> = addressField(SERVER, undefined);

/** A server that a resolver forwards queries to. */
export const forwarderAddress: Field<string> = addressField(FORWARDER, undefined);

/** An address that the load balancer listens on. */
export const listenerAddress: Field<string> = addressField(LISTENER, undefined);

function addressField(
  role: Role | undefined,
  only: { readonly family: Family; readonly other: string } | undefined,
  required?: string,
): Field<string> {
  const wanted = only === undefined ? "an IPv4 or IPv6 address" : `an ${FAMILY[only.family]} address`;
  const isAddress = (value: unknown): value is string => {
    const family = isText(value) ? familyOf(value) : undefined;
    return family !== undefined && (only === undefined || family === only.family);
  };
  return parsed<string, string>({
    code: "DNSLB105",
    type: "string",
    allowed: wanted,
    ...(required === undefined ? {} : { required }),
    read: (value) =>
      isAddress(value) && (role === undefined || isFit(role, value)) ? canonicalAddress(value) : undefined,
    refusal: (value) => (role !== undefined && isAddress(value) ? unfit(role, value) : undefined),
    fix: (value) => {
      if (!isText(value)) return undefined;
      const family = familyOf(value);
      return family === undefined ? addressMistake(value) : only && `'${only.other}' takes ${FAMILY[family]}`;
    },
  });
}

function isFit(role: Role, value: string): boolean {
  const kind = kindOf(value);
  if (kind === "link-local" && (role === SERVER || role === FORWARDER)) return familyOf(value) === "ipv4";
  return kind === "unicast" || role.takes.includes(kind);
}

function unfit(role: Role, value: string): Refusal | undefined {
  const kind = kindOf(value);
  if (kind === "unicast") return undefined;
  const meant = ipv4In(value);
  const advice = meant !== undefined && isFit(role, meant) ? `write "${meant}"` : role.advice?.[kind];
  return {
    code: "DNSLB142",
    message: `must be ${role.noun}, got "${value}", ${MEANING[kind]}${advice ? `; ${advice}` : ""}`,
  };
}

/** A network for any purpose, such as one whose clients are refused; kept in canonical form. */
export const network: Field<string> = networkField((value, written) => {
  const meant = ipv4NetworkIn(value);
  if (kindOfNetwork(value) !== "ipv4-mapped" || meant === undefined) return undefined;
  return `must be a network of one family, got "${written}", which HAProxy takes for IPv4 clients and dnsdist for none; write "${meant}"`;
});

/** The kinds of addresses that clients have. */
const CLIENTS: readonly AddressKind[] = ["unicast", "loopback", "link-local", "nat64"];

/** A network of clients that are let in. */
export const clientNetwork: Field<string> = networkField(strangeClients);

/** A network of clients that are let in, or the address of one; kept as a network. */
export const clientSource: Field<string> = networkField(strangeClients, { orAddress: true });

function strangeClients(value: string, written: string): string | undefined {
  const kind = kindOfNetwork(value);
  if (kind === "unicast" || CLIENTS.includes(kind)) return undefined;
  const meant = ipv4NetworkIn(value);
  const whole = kind === "unspecified" || kind === "this-network" ? wholeOf(value) : undefined;
  const fix = meant !== undefined ? `; write "${meant}"` : whole ? `; did you mean "${whole}"?` : "";
  const what =
    kind === "ipv4-mapped" ? "which HAProxy takes for IPv4 clients and dnsdist for none" : `addresses ${CLIENT[kind]}`;
  return `must be a network that clients are in, got "${written}", ${what}${fix}`;
}

/** What the addresses of a network are, after "addresses". */
const CLIENT: AddressMeaning & Readonly<Record<string, string>> = {
  unspecified: "that stand for none",
  "this-network": 'that stand for "this network" (RFC 1122)',
  multicast: "of groups, from which nothing is sent",
  broadcast: "of all machines on a link, from which nothing is sent",
  reserved: "that are reserved and not routed",
  discard: "whose packets are discarded (RFC 6666)",
  "ipv4-compatible": "of IPv4 in an old form of IPv6, which nothing routes (RFC 4291)",
  "ipv4-translated": "of IPv4 as translators write them (RFC 2765)",
};

/** A subnet in which nodes are, and what to say where it is missing. */
export function subnet(required?: string): Field<string> {
  return networkField(strangeSubnet, required === undefined ? {} : { required });
}

function strangeSubnet(value: string, written: string): string | undefined {
  const special = specialNetworkIn(value);
  if (special === undefined) return undefined;
  const part = special.network === value ? "" : `, which has addresses of ${special.network}`;
  return `must be a subnet of machines, got "${written}"${part}: ${KIND[special.kind] ?? special.kind} addresses`;
}

const KIND: AddressMeaning = {
  "this-network": '"this network"',
  discard: "discarded",
  "ipv4-mapped": "IPv4-mapped",
  "ipv4-compatible": "IPv4-compatible",
  "ipv4-translated": "IPv4-translated",
  nat64: "NAT64",
};

function wholeOf(cidr: string): string {
  return cidr.includes(":") ? "::/0" : "0.0.0.0/0";
}

/** How a field of networks differs from others. */
interface NetworkOptions {
  /** What to say where it is missing. */
  readonly required?: string;
  /** Whether it takes addresses, too. */
  readonly orAddress?: boolean;
}

/** Makes the field of a network; what is refused is a network otherwise, also one with host bits. */
function networkField(
  refused: (canonical: string, written: string) => string | undefined,
  { required, orAddress = false }: NetworkOptions = {},
): Field<string> {
  const networkIn = (value: string) => (orAddress && familyOf(value) ? hostCidr(value) : value);
  const canonicalIn = (value: string) => canonicalCidr(networkIn(value));
  return parsed<string, string>({
    code: "DNSLB106",
    type: "string",
    allowed: `${orAddress ? "an address, or " : ""}a network with its prefix length, such as "10.0.0.0/8"`,
    ...(required === undefined ? {} : { required }),
    read: (value) => {
      const canonical = isText(value) && !hasHostBits(networkIn(value)) ? canonicalIn(value) : undefined;
      return canonical === undefined || refused(canonical, canonical) !== undefined ? undefined : canonical;
    },
    refusal: (value) => {
      if (!isText(value)) return undefined;
      const canonical = canonicalIn(value);
      const message = canonical === undefined ? undefined : refused(canonical, value);
      return message === undefined ? undefined : { code: "DNSLB143", message };
    },
    fix: (value) => {
      if (!isText(value)) return undefined;
      const meant = familyOf(value) ? hostCidr(value) : canonicalCidr(value);
      return meant === undefined ? networkMistake(value) : `did you mean "${meant}"?`;
    },
  });
}

function networkMistake(value: string): string | undefined {
  const [written = "", bits, ...rest] = value.split("/");
  return bits === undefined || rest.length > 0 || familyOf(written) ? undefined : addressMistake(written);
}

function hasHostBits(cidr: string): boolean {
  const [written = "", bits] = cidr.split("/");
  return canonicalCidr(cidr) !== `${canonicalAddress(written)}/${Number(bits)}`;
}
