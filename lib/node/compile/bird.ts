import type { BirdExpression } from "../../config/bird/expression.js";
import type { BirdBlock, BirdEntry, BirdFile, BirdFilterStatement, BirdLine } from "../../config/bird/index.js";
import { toMilliseconds } from "../../core/duration.js";
import { InternalError } from "../../core/errors.js";
import { canonicalAddress, type Family, familyOf, hostCidr } from "../../core/ip.js";
import { type Bgp, type BgpMember, type BgpNeighbor, routerIdOf } from "../../model/bgp.js";
import type { NodeDescription } from "../../model/node.js";
import { WORST_COST } from "../failures.js";

/** What bird.conf of a node says of the group. */
export interface BirdWork {
  readonly bgp: Bgp;
  readonly node: NodeDescription;
  /** The addresses that the group announces. */
  readonly addresses: readonly string[];
  /** The absolute path of the file in which the announcer defines `COST` and `STATE`. */
  readonly costFile: string;
  /** Sessions with a password name how they are authenticated; BIRD before 2.16 does not know that option. */
  readonly namesAuthentication: boolean;
}

/** What the announcer says by `STATE`. */
export const STATES = { announce: 0, "graceful-shutdown": 1, withdraw: 2 } as const;

const FAMILIES = ["ipv4", "ipv6"] as const;
const ANNOUNCE = "announce";
const UPSTREAM = "upstream";
/** Routes of one prefix that the kernel uses side by side. */
const PATHS = "8";
/** RFC 8326: whoever hears it prefers every other path. */
const GRACEFUL_SHUTDOWN = [65_535, 0];
const LARGEST_SHORT_ASN = 65_535;
/** Seconds without a word of a router after which a session ends, unless BFD ends it before. */
export const HOLD_TIME = 9;
/** The function of a large community with the cost (RFC 8092): its second part. */
const COST_FUNCTION = 1;

/** bird.conf of a node that announces the addresses of its group, at the cost that the announcer says. */
export function compileBird(work: BirdWork): BirdFile {
  const { bgp, node, addresses, costFile } = work;
  const member = memberOf(bgp, node);
  const families = FAMILIES.filter((family) => addressesOf(addresses, family).length > 0);
  const passwords = member.neighbors.flatMap(({ password }, index) => (password === undefined ? [] : [index + 1]));
  return {
    statements: [
      ["log", "stderr", "all"],
      ["router id", routerId(node)],
      ["timeformat", "protocol", "iso", "long", "ms"],
      ...passwords.map((place): BirdLine => ["include", { text: passwordFile(place) }]),
      ["include", { text: costFile }],
      ...families.map((family) => ({
        define: serviceOf(family),
        value: { prefixes: addressesOf(addresses, family).map(hostCidr) },
      })),
      { filter: ANNOUNCE, statements: announceFilter(bgp, member, families) },
      { keyword: "protocol device", entries: [["scan time", "10"]] },
      {
        ...{ keyword: "protocol direct", name: "services" },
        entries: [
          ["interface", { text: "lo" }],
          ...families.map(
            (family): BirdBlock => ({ keyword: family, entries: [["import", "where", isService(family)]] }),
          ),
        ],
      },
      ...(bgp.defaultRoute === "bgp" ? families.map(kernel) : []),
      ...(member.neighbors.some(({ bfd }) => bfd) ? [{ keyword: "protocol bfd", entries: [] } as const] : []),
      template(),
      ...member.neighbors.map((neighbor, index) => session(work, neighbor, index + 1)),
    ],
  };
}

/** A node's part of its group. */
export function memberOf({ members }: Bgp, node: NodeDescription): BgpMember {
  const member = members.find((each) => each.node === node.name);
  if (!member) throw new InternalError(`node ${node.name} is no member of its group`);
  return member;
}

/** The session with a neighbor, by its place in the list, from 1. */
export function sessionName(place: number): string {
  return `router${place}`;
}

/** The file beside bird.conf that defines the password of a neighbor, and that others cannot read. */
export function passwordFile(place: number): string {
  return `${sessionName(place)}.conf`;
}

/** The name by which that file defines it. */
export function passwordName(place: number): string {
  return `PASSWORD_${place}`;
}

function routerId(node: NodeDescription): string {
  const id = routerIdOf(node);
  if (id === undefined) throw new InternalError(`node ${node.name} has no address`);
  return id;
}

/** Announces the service addresses that are on the node, and nothing else. */
function announceFilter({ asn }: Bgp, { communities }: BgpMember, families: readonly Family[]): BirdFilterStatement[] {
  const [first, ...others] = families.map(
    (family): BirdExpression => ({
      not: { all: [compared("net.type", "=", name(family === "ipv4" ? "NET_IP4" : "NET_IP6")), isService(family)] },
    }),
  );
  if (!first) throw new InternalError("a group announces no address");
  return [
    { if: others.length === 0 ? first : { all: [first, ...others] }, do: ["reject"] },
    { if: compared("source", "!=", name("RTS_DEVICE")), do: ["reject"] },
    { if: compared("STATE", "=", number(STATES.withdraw)), do: ["reject"] },
    ...communities.map((community): BirdFilterStatement => addCommunity(community.split(":").map(Number))),
    asn <= LARGEST_SHORT_ASN
      ? { call: "bgp_community.add", with: { community: [number(asn), name("COST")] } }
      : { call: "bgp_large_community.add", with: { community: [number(asn), number(COST_FUNCTION), name("COST")] } },
    { if: compared("STATE", "=", number(STATES["graceful-shutdown"])), do: [addCommunity(GRACEFUL_SHUTDOWN)] },
    ...Array.from(
      { length: WORST_COST },
      (_, cost): BirdFilterStatement => ({
        if: compared("COST", ">", number(cost)),
        do: [{ call: "bgp_path.prepend", with: number(asn) }],
      }),
    ),
    "accept",
  ];
}

/** Installs the default routes that neighbors announce, and keeps them while BIRD is restarted. */
function kernel(family: Family): BirdBlock {
  return {
    ...{ keyword: "protocol kernel", name: family === "ipv4" ? "kernel4" : "kernel6" },
    entries: [
      ["persist"],
      ["merge paths", "on", "limit", PATHS],
      {
        keyword: family,
        entries: [
          ["import", "none"],
          ["export", "where", compared("source", "=", name("RTS_BGP"))],
        ],
      },
    ],
  };
}

/**
 * What all sessions have in common. No graceful restart: routers would go on to send clients to a node whose BIRD has died.
 * Either all sessions bind strictly or none, else two of them bind one address.
 */
function template(): BirdBlock {
  return {
    ...{ keyword: "template bgp", name: UPSTREAM },
    entries: [
      ["strict bind", "yes"],
      ["hold time", String(HOLD_TIME)],
      ["keepalive time", "3"],
      ["connect retry time", "2"],
      ["connect delay time", "1"],
      ["error wait time", "1", "5"],
      ["graceful restart", "off"],
      ["long lived graceful restart", "off"],
    ],
  };
}

function session(work: BirdWork, neighbor: BgpNeighbor, place: number): BirdBlock {
  const { bgp, node, namesAuthentication } = work;
  const { address, asn, password, bfd, multihop } = neighbor;
  const family = familyOf(address);
  const own = node.addresses.find((each) => familyOf(each) === family);
  if (family === undefined || own === undefined) throw new InternalError(`node ${node.name} cannot reach ${address}`);
  const everywhere = family === "ipv4" ? "0.0.0.0/0" : "::/0";
  const authentication: BirdLine[] = namesAuthentication ? [["authentication", "md5"]] : [];
  // A router that is further away is no next hop.
  const routes: BirdLine[] =
    bgp.defaultRoute === "bgp" && multihop === undefined
      ? [
          ["import", "where", compared("net", "=", { prefix: everywhere })],
          ["import limit", "2", "action", "block"],
        ]
      : [["import", "none"]];
  const entries: BirdEntry[] = [
    ["local", canonicalAddress(own), "as", String(bgp.asn)],
    ["neighbor", canonicalAddress(address), "as", String(asn)],
    ...(password === undefined ? [] : [...authentication, ["password", passwordName(place)] as const]),
    // A packet of a router on the network has passed none (RFC 5082).
    multihop === undefined ? ["ttl security", "on"] : ["multihop", String(multihop)],
    ...(bfd === undefined ? [] : [bfdBlock(toMilliseconds(bfd.interval), bfd.multiplier)]),
    { keyword: family, entries: [...routes, ["export", "filter", ANNOUNCE], ["next hop self"]] },
  ];
  return { keyword: "protocol bgp", name: sessionName(place), from: UPSTREAM, entries };
}

function bfdBlock(interval: number, multiplier: number): BirdBlock {
  return {
    keyword: "bfd",
    entries: [
      ["min rx interval", String(interval), "ms"],
      ["min tx interval", String(interval), "ms"],
      ["multiplier", String(multiplier)],
    ],
  };
}

function addCommunity(parts: readonly number[]): BirdFilterStatement {
  return { call: "bgp_community.add", with: { community: parts.map(number) } };
}

function isService(family: Family): BirdExpression {
  return compared("net", "~", name(serviceOf(family)));
}

/** BIRD has a set of prefixes for each family. */
function serviceOf(family: Family): string {
  return family === "ipv4" ? "SERVICE4" : "SERVICE6";
}

function addressesOf(addresses: readonly string[], family: Family): string[] {
  return addresses.filter((address) => familyOf(address) === family).map(canonicalAddress);
}

function compared(left: string, operator: "=" | "!=" | ">" | "~", right: BirdExpression): BirdExpression {
  return { left: name(left), operator, right };
}

function name(text: string) {
  return { name: text };
}

function number(value: number) {
  return { number: value };
}
