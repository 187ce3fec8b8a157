import { placeMistake } from "../core/address-kind.js";
import { canonicalAddress, type Family, familyOf } from "../core/ip.js";
import { ownAddressesOf } from "../model/node.js";
import { strayAddress } from "../rules/stray-addresses.js";
import type { INode } from "../terraform/node.js";
import type { Report } from "../terraform/parse.js";

/** What decides whether the nodes of a pair can hold its virtual addresses. */
interface Given {
  readonly nodes: readonly INode[];
  readonly virtualAddresses: readonly {
    readonly address: string;
    readonly interface?: string;
    readonly gateway?: string;
  }[];
}

type GivenAddress = Given["virtualAddresses"][number];

/**
 * The most addresses that one advert holds: VRRP counts them in a byte, and keepalived sends no advert that is longer than
 * an Ethernet frame of 1500 bytes with all of its headers. It would hold further ones, but no longer compare them.
 */
const MOST: Readonly<Record<Family, number>> = { ipv4: 255, ipv6: 89 };

/** Checks the virtual addresses of a pair against each other and against its nodes. */
export function checkVirtualAddresses({ nodes, virtualAddresses }: Given, report: Report): void {
  if (virtualAddresses.length === 0) {
    report("DNSLB111", ["virtualAddresses"], "must hold at least one address, got an empty list");
  }
  checkNumber(virtualAddresses, report);
  const given = virtualAddresses.map(({ address }) => canonicalAddress(address));
  const first = new Map([...given.entries()].reverse().map(([index, address]) => [address, index]));
  for (const [index, virtualAddress] of virtualAddresses.entries()) {
    const at = ["virtualAddresses", index];
    for (const node of nodes) checkInterface(node, nodes[0], virtualAddress, at, report);
    const own = canonicalAddress(virtualAddress.address);
    if (familyOf(own) === undefined) continue;
    const same = first.get(own) ?? index;
    if (same < index) {
      const written = virtualAddress.address;
      report(
        "DNSLB112",
        [...at, "address"],
        `must be unique, got "${written}", which is virtualAddresses[${same}] too`,
      );
    }
    checkGateway(virtualAddress, first, nodes, at, report);
    checkPlace(nodes, virtualAddress, [...at, "address"], report);
    for (const node of nodes) checkNode(node, virtualAddress, [...at, "address"], report);
  }
}

function checkNumber(virtualAddresses: readonly GivenAddress[], report: Report): void {
  for (const family of ["ipv4", "ipv6"] as const) {
    const count = virtualAddresses.filter(({ address }) => familyOf(address) === family).length;
    if (count <= MOST[family]) continue;
    report(
      "DNSLB145",
      ["virtualAddresses"],
      `must hold at most ${MOST[family]} ${FAMILY[family]} addresses, which one VRRP advert has room for, got ${count}; spread them over several pairs`,
    );
  }
}

function checkGateway(
  { address, gateway, interface: device }: GivenAddress,
  indexes: ReadonlyMap<string, number>,
  nodes: readonly INode[],
  at: readonly PropertyKey[],
  report: Report,
): void {
  if (gateway === undefined || familyOf(gateway) === undefined) return;
  const [path, family] = [[...at, "gateway"], familyOf(address)];
  if (familyOf(gateway) !== family) {
    report("DNSLB118", path, `must be of the family of "${address}", got "${gateway}"`);
    return;
  }
  const router = canonicalAddress(gateway);
  const index = indexes.get(router);
  const holder = nodes.find((node) => ownAddressesOf(node.description).includes(router));
  if (router === canonicalAddress(address)) {
    report("DNSLB113", path, `must be the address of a router, got "${gateway}", the virtual address itself`);
  } else if (index !== undefined) {
    report("DNSLB113", path, `must be the address of a router, got "${gateway}", which is virtualAddresses[${index}]`);
  } else if (holder !== undefined) {
    report(
      "DNSLB113",
      path,
      `must be the address of a router, got "${gateway}", an address of ${holder.node.path} itself`,
    );
  }
  for (const subnet of carriersOf(nodes, device)) {
    const mistake = placeMistake(subnet, gateway, ["routers"]);
    if (mistake !== undefined) report("DNSLB142", path, mistake);
  }
}

/**
 * Checks that an address is that of a machine in the subnets of the interfaces that shall carry it, or else in none that
 * another interface of the nodes is in.
 */
function checkPlace(
  nodes: readonly INode[],
  { address, interface: given }: GivenAddress,
  path: readonly PropertyKey[],
  report: Report,
): void {
  for (const subnet of carriersOf(nodes, given)) {
    const mistake = placeMistake(subnet, address);
    if (mistake !== undefined) report("DNSLB142", path, mistake);
  }
  const others = interfacesOf(nodes).flatMap(({ name, subnets }) =>
    (subnets ?? []).map((subnet) => ({ subnet, title: `that of ${name}` })),
  );
  for (const message of strayAddress(address, carriersOf(nodes, given), others)) {
    report("DNSLB119", path, `${message}, or name that interface`);
  }
}

/** The known subnets of the interface that carries a virtual address. */
export function carriersOf(nodes: readonly INode[], given: string | undefined): readonly string[] {
  const carrier = given ?? nodes[0]?.description.interface;
  const carriers = interfacesOf(nodes).filter(({ name }) => name === carrier);
  return [...new Set(carriers.flatMap(({ subnets }) => subnets ?? []))];
}

/** All interfaces of nodes that are known. */
const interfacesOf = (nodes: readonly INode[]) =>
  nodes.flatMap(({ description }) => description.interfaces).filter((known) => known !== undefined);

/** Checks an address against what a node and the routers of its networks have. */
function checkNode(node: INode, { address }: GivenAddress, path: readonly PropertyKey[], report: Report): void {
  const [own, family] = [canonicalAddress(address), familyOf(address)];
  if (ownAddressesOf(node.description).includes(own)) {
    report("DNSLB112", path, `must not be a node's own address, got "${address}", an address of ${node.node.path}`);
  }
  if (node.routers?.includes(own)) {
    report(
      "DNSLB137",
      path,
      `must not be the router of a network of ${node.node.path}, got "${address}"; choose another address, or give that network its real router`,
    );
  }
  if (family !== undefined && !node.description.addresses.some((each) => familyOf(each) === family)) {
    report(
      "DNSLB118",
      path,
      `needs an ${FAMILY[family]} address of ${node.node.path}, which has none; give the node one`,
    );
  }
}

/** Checks that a node with known interfaces has that of a virtual address, with an own address of the same family. */
function checkInterface(
  node: INode,
  first: INode | undefined,
  { address, interface: given }: GivenAddress,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const { interfaces, interface: carrier } = node.description;
  if (interfaces === undefined) return;
  const wanted = given ?? first?.description.interface;
  const found = interfaces.find(({ name }) => name === wanted);
  const family = familyOf(address);
  if (found === undefined) {
    report(
      "DNSLB116",
      [...path, "interface"],
      `must be an interface of ${node.node.path} (${interfaces.map(({ name }) => name).join(", ")}), got "${wanted}"${given === undefined ? ", that of the first node" : ""}; name one of these, or give the node one of that name`,
    );
  } else if (wanted !== carrier && family !== undefined && !found.addresses.some((own) => familyOf(own) === family)) {
    report(
      "DNSLB118",
      [...path, "address"],
      `needs an ${FAMILY[family]} address of ${node.node.path} on ${wanted}, which has none; give the interface one`,
    );
  }
}

const FAMILY: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
