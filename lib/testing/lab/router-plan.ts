import { canonicalAddress, cidrContains, type Family, familyOf, hostCidr, networkOf } from "../../core/ip.js";
import type { Bfd, Bgp, BgpMember, BgpNeighbor } from "../../model/bgp.js";
import type { NodeDescription } from "../../model/node.js";
import type { Secret } from "../../model/secret.js";
import { LabError } from "./errors.js";

/** A group whose nodes announce its addresses by BGP. */
export interface Group {
  readonly name: string;
  readonly nodes: readonly NodeDescription[];
  readonly bgp: Bgp;
  readonly addresses: readonly string[];
}

/** A router before the nodes of groups, as the members of the groups name it. */
export interface RouterPlan {
  readonly name: string;
  readonly asn: number;
  /** Its addresses in the networks of nodes. */
  readonly addresses: readonly string[];
  readonly sessions: readonly RouterSession[];
}

/** A BGP session of a router with a node. */
export interface RouterSession {
  /** Its name in BIRD. */
  readonly name: string;
  readonly node: string;
  readonly family: Family;
  /** The router's address. */
  readonly local: string;
  /** The node's address, and its autonomous system. */
  readonly neighbor: string;
  readonly asn: number;
  /** The network that both are in. */
  readonly network: string;
  readonly password?: Secret;
  readonly bfd?: Bfd;
  readonly multihop?: number;
  /** Whether the router announces a default route to the node. */
  readonly givesDefault: boolean;
}

const FAMILIES = ["ipv4", "ipv6"] as const;
/** The networks of addresses about which nothing is known, and the widest that is tried. */
const USUAL_BITS: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };
const FEWEST_BITS = 8;

/** The routers before some groups. The n-th IPv4 and the n-th IPv6 neighbor of a member are one router, if their AS is one. */
export function routersOf(groups: readonly Group[]): RouterPlan[] {
  const routers: { asn: number; addresses: string[]; sessions: RouterSession[] }[] = [];
  const routerOf = (address: string) => routers.find(({ addresses }) => addresses.includes(address));
  for (const group of groups) {
    for (const member of group.bgp.members) {
      for (const side of sidesOf(member)) {
        const known = side.map(({ address }) => routerOf(address)).find((router) => router !== undefined);
        const router = known ?? { asn: side[0]?.asn ?? 0, addresses: [], sessions: [] };
        if (known === undefined) routers.push(router);
        for (const neighbor of side) {
          const owner = routerOf(neighbor.address) ?? router;
          if (owner.asn !== neighbor.asn) throw inTwoSystems(neighbor, owner.asn);
          if (!owner.addresses.includes(neighbor.address)) owner.addresses.push(neighbor.address);
          owner.sessions.push(sessionOf(group, member, neighbor, owner.sessions.length + 1));
        }
      }
    }
  }
  return routers.map((router, index) => ({ name: `router${index + 1}`, ...router }));
}

/** The network of a node's address that its neighbors of the family are in. */
function networkAt(node: NodeDescription, address: string, neighbors: readonly string[]): string {
  const family = familyOf(address) ?? "ipv4";
  const near = neighbors.filter((each) => familyOf(each) === family);
  const known = (node.interfaces ?? [])
    .filter(({ name }) => name === node.interface)
    .flatMap(({ subnets = [] }) => subnets)
    .find((subnet) => [address, ...near].every((each) => cidrContains(subnet, each)));
  let network = known ?? networkOf(address, USUAL_BITS[family]);
  for (let bits = USUAL_BITS[family]; bits > FEWEST_BITS && !near.every((each) => cidrContains(network, each)); ) {
    bits -= 1;
    network = networkOf(address, bits);
  }
  return network;
}

/** The networks that a node is in with its neighbors. */
export function networksOf(group: Group, node: NodeDescription): string[] {
  const { neighbors } = memberOf(group, node.name);
  const near = neighbors.filter(({ multihop }) => multihop === undefined).map(({ address }) => address);
  return node.addresses.map((address) => networkAt(node, canonicalAddress(address), near));
}

/** The networks and the default routes of a node that announces addresses. */
export function nodeRoutes(group: Group, node: NodeDescription): { networks: string[]; routes: string[] } {
  const member = memberOf(group, node.name);
  return {
    networks: networksOf(group, node),
    routes: FAMILIES.flatMap((family) => {
      const everything = family === "ipv4" ? "default" : "::/0";
      const router = member.neighbors.find(({ address }) => familyOf(address) === family);
      if (router === undefined) return [`${everything} dev ${node.interface}`];
      if (group.bgp.defaultRoute === "bgp") return [];
      return [`${everything} via ${router.address} dev ${node.interface} onlink`];
    }),
  };
}

/** The routes of the addresses that groups announce, through a router. */
export function serviceRoutes(groups: readonly Group[], through: Readonly<Record<Family, string>>, device: string) {
  const addresses = new Set(groups.flatMap((group) => group.addresses.map(canonicalAddress)));
  return [...addresses].map(
    (address) => `${hostCidr(address)} via ${through[familyOf(address) ?? "ipv4"]} dev ${device} onlink`,
  );
}

function memberOf({ name, bgp }: Group, node: string): BgpMember {
  const member = bgp.members.find((each) => each.node === node);
  if (member !== undefined) return member;
  throw new LabError(`node "${node}" is no member of the group "${name}"`);
}

/** The neighbors of a member, those of one router together. */
function sidesOf({ neighbors }: BgpMember): BgpNeighbor[][] {
  const canonical = neighbors.map((neighbor) => ({ ...neighbor, address: canonicalAddress(neighbor.address) }));
  const [ipv4 = [], ipv6 = []] = FAMILIES.map((family) =>
    canonical.filter(({ address }) => familyOf(address) === family),
  );
  const sides: BgpNeighbor[][] = [];
  for (let at = 0; at < Math.max(ipv4.length, ipv6.length); at += 1) {
    const pair = [ipv4[at], ipv6[at]].filter((neighbor) => neighbor !== undefined);
    const isOne = new Set(pair.map(({ asn }) => asn)).size === 1;
    sides.push(...(isOne ? [pair] : pair.map((neighbor) => [neighbor])));
  }
  return sides;
}

function sessionOf(group: Group, member: BgpMember, neighbor: BgpNeighbor, place: number): RouterSession {
  const { address, password, bfd, multihop } = neighbor;
  const family = familyOf(address) ?? "ipv4";
  const node = group.nodes.find(({ name }) => name === member.node);
  const own = node?.addresses.find((each) => familyOf(each) === family);
  if (node === undefined || own === undefined) {
    throw new LabError(`node "${member.node}" has no address of the family of its neighbor ${address}`);
  }
  return {
    ...{ name: `node${place}`, node: member.node, family, local: address, neighbor: canonicalAddress(own) },
    asn: group.bgp.asn,
    network: networkAt(node, canonicalAddress(own), multihop === undefined ? [address] : []),
    ...(password === undefined ? {} : { password }),
    ...(bfd === undefined ? {} : { bfd }),
    ...(multihop === undefined ? {} : { multihop }),
    givesDefault: group.bgp.defaultRoute === "bgp",
  };
}

function inTwoSystems({ address, asn }: BgpNeighbor, other: number): LabError {
  return new LabError(`the router ${address} is in AS ${other} for one member and in AS ${asn} for another`);
}
