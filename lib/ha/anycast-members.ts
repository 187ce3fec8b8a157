import { canonicalAddress, cidrContains, type Family, familyOf } from "../core/ip.js";
import { localText } from "../dns/local-text.js";
import { meetingFamily, routerIdOf } from "../model/bgp.js";
import { ownAddressesOf } from "../model/node.js";
import type { Secret } from "../model/secret.js";
import type { INode } from "../terraform/node.js";
import { checkNode } from "../terraform/node-field.js";
import { checkInService, checkSomeInService } from "../terraform/out-of-service.js";
import type { Report } from "../terraform/parse.js";
import { knownSubnetsOf, obstacleOf } from "../terraform/segments.js";
import { checkCommunities } from "./autonomous-system.js";

/** What decides whether the nodes of a group can announce its addresses. */
interface Given {
  readonly asn: number;
  readonly addresses: readonly string[];
  readonly defaultRoute: string;
  readonly members: readonly GivenMember[];
}

interface GivenMember {
  readonly node: INode;
  readonly neighbors: readonly GivenNeighbor[];
  readonly communities: readonly string[];
}

interface GivenNeighbor {
  readonly address: string;
  readonly asn: number;
  readonly password?: Secret;
  readonly bfd: unknown;
  readonly multihop?: number;
}

const FAMILIES = ["ipv4", "ipv6"] as const;
const FAMILY: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
const PROPERTY: Readonly<Record<Family, string>> = { ipv4: "address", ipv6: "address6" };

/** The bytes of a password that Linux takes for TCP MD5. */
const LONGEST_PASSWORD = 80;

/** Checks the addresses, the nodes and the neighbors of a group against each other. */
export function checkMembers(given: Given, report: Report): void {
  const { addresses, members } = given;
  if (members.length === 0) report("DNSLB111", ["members"], "must hold at least one node, got an empty list");
  if (addresses.length === 0) report("DNSLB111", ["addresses"], "must hold at least one address, got an empty list");
  checkAddresses(given, report);
  checkService(given, report);
  for (const [index, member] of members.entries()) {
    const path = ["members", index];
    checkMember(member, given, path, report);
    checkOthers(member, members.slice(0, index), path, report);
  }
  checkMeeting(given, report);
}

function checkAddresses({ addresses, members }: Given, report: Report): void {
  const canonical = addresses.map(canonicalAddress);
  for (const [index, address] of canonical.entries()) {
    const [path, written] = [["addresses", index], addresses[index]];
    if (familyOf(address) === undefined) continue;
    const first = canonical.indexOf(address);
    if (first < index) report("DNSLB112", path, `must be unique, got "${written}", which is addresses[${first}] too`);
    const nodes = members.map(({ node }) => node);
    const owner = nodes.find(({ description }) => ownAddressesOf(description).includes(address));
    if (owner !== undefined) {
      const message = `must not be a node's own address, got "${written}", an address of ${owner.node.path}`;
      report("DNSLB112", path, message);
    }
    const neighbor = members
      .flatMap(({ neighbors }) => neighbors)
      .find((each) => canonicalAddress(each.address) === address);
    const fix = "choose one of a prefix of its own that only routes lead to";
    if (neighbor !== undefined) {
      const message = `must be an address that only the group has, got "${written}", that of a neighbor; ${fix}`;
      report("DNSLB177", path, message);
    }
    const found = nodes
      .flatMap((node) => knownSubnetsOf(node).map((subnet) => ({ node, subnet })))
      .find(({ subnet }) => cidrContains(subnet, address));
    if (found !== undefined && owner === undefined) {
      const message = `must be in no network of a node, got "${written}" of ${found.subnet}, a network of ${found.node.node.path}, whose machines would not ask their router for it; ${fix}`;
      report("DNSLB177", path, message);
    }
  }
}

function checkService({ members }: Given, report: Report): void {
  const [only, ...others] = members;
  if (only !== undefined && others.length === 0) checkInService(only.node, ["members", 0, "node"], report);
  checkSomeInService(
    members.map(({ node }) => node),
    ["members"],
    report,
  );
}

function checkMember(member: GivenMember, given: Given, path: readonly PropertyKey[], report: Report): void {
  const { node, neighbors, communities } = member;
  const { asn, addresses, defaultRoute } = given;
  checkNode(node, [...path, "node"], report);
  if (node.profile.versions.bird === undefined) {
    const message = `must be a node with BIRD, got ${node.node.path}, whose 'versions' do not name it; take DEBIAN_12 or DEBIAN_13, or add 'bird' to them`;
    report("DNSLB175", [...path, "node"], message);
  }
  const { bfd, routes } = node.profile.birdRights ?? { bfd: true, routes: true };
  if (defaultRoute === "bgp" && routes !== true) {
    const message = `must not be "bgp", which needs the right to install routes on ${node.node.path}; ${routes.fix}, or set defaultRoute: "static"`;
    report("DNSLB174", ["defaultRoute"], message);
  }
  if (routerIdOf(node.description) === "0.0.0.0") {
    const message = `must be a node that routers can tell from others, got ${node.node.path} with ${node.description.addresses.join(" and ")}, which ends in 32 bits of 0; give it an IPv4 'address', or an 'address6' with another end`;
    report("DNSLB176", [...path, "node"], message);
  }
  checkFamilies(member, given, path, report);
  checkCommunities(asn, communities, [...path, "communities"], report);
  for (const [index, neighbor] of neighbors.entries()) {
    const at = [...path, "neighbors", index];
    checkNeighbor(neighbor, member, addresses, at, report);
    const before = neighbors
      .slice(0, index)
      .findIndex((each) => canonicalAddress(each.address) === canonicalAddress(neighbor.address));
    if (before >= 0 && familyOf(neighbor.address) !== undefined) {
      const message = `must be unique, got "${neighbor.address}", the address of neighbors[${before}] too`;
      report("DNSLB112", [...at, "address"], message);
    }
    if (neighbor.asn === asn) {
      const message = `must be another autonomous system than that of the group, got ${asn}: nodes speak external BGP, inside of one a longer path would be a loop; give the group a private number of its own`;
      report("DNSLB170", [...at, "asn"], message);
    }
    if (neighbor.bfd !== false && bfd !== true) {
      const message = `needs the right to send packets of BFD on ${node.node.path}; ${bfd.fix}, or set bfd: false`;
      report("DNSLB174", [...at, "bfd"], message);
    }
    if (neighbor.password !== undefined) checkPassword(neighbor.password, [...at, "password"], report);
  }
}

/** Reports families of addresses that no neighbor would learn, or of which the node would have no default route. */
function checkFamilies(
  { node, neighbors }: GivenMember,
  { addresses, defaultRoute }: Given,
  path: readonly PropertyKey[],
  report: Report,
): void {
  for (const family of FAMILIES.filter((each) => addresses.some((address) => familyOf(address) === each))) {
    const own = neighbors.filter(({ address }) => familyOf(address) === family);
    const needed = `needs an ${FAMILY[family]} neighbor, for the group's ${FAMILY[family]} addresses`;
    if (own.length === 0) {
      report("DNSLB172", [...path, "neighbors"], `${needed}, got none on ${node.node.path}; add the router's`);
    } else if (defaultRoute === "bgp" && own.every(({ multihop }) => multihop !== undefined)) {
      const message = `needs an ${FAMILY[family]} neighbor on a network of ${node.node.path}, from which it takes its default route, got only ones with 'multihop'; add one, or set defaultRoute: "static"`;
      report("DNSLB172", [...path, "neighbors"], message);
    }
  }
}

function checkNeighbor(
  { address, multihop }: GivenNeighbor,
  { node }: GivenMember,
  addresses: readonly string[],
  path: readonly PropertyKey[],
  report: Report,
): void {
  const family = familyOf(address);
  if (family === undefined) return;
  const [at, canonical] = [[...path, "address"], canonicalAddress(address)];
  if (ownAddressesOf(node.description).includes(canonical)) {
    report("DNSLB112", at, `must be the address of a router, got "${address}", an address of ${node.node.path} itself`);
    return;
  }
  if (!node.description.addresses.some((own) => familyOf(own) === family)) {
    const fix = `give the node an '${PROPERTY[family]}'`;
    report(
      "DNSLB118",
      at,
      `needs an ${FAMILY[family]} address of ${node.node.path}, which has none, got "${address}"; ${fix}`,
    );
  }
  if (addresses.length > 0 && !addresses.some((each) => familyOf(each) === family)) {
    const message = `must be of a family of the group's 'addresses', got "${address}", to which no ${FAMILY[family]} address would be announced; leave the neighbor out`;
    report("DNSLB118", at, message);
  }
  const subnets = knownSubnetsOf(node).filter((subnet) => familyOf(subnet.split("/")[0] ?? "") === family);
  const isOnLink = subnets.some((subnet) => cidrContains(subnet, canonical));
  if (subnets.length > 0 && !isOnLink && multihop === undefined) {
    const message = `must be in a network of ${node.node.path} (${subnets.join(", ")}), got "${address}"; correct it, or say by 'multihop' how many hops away the router is`;
    report("DNSLB119", at, message);
  }
}

/** Reports a password, if its file is there to be read, that the node would refuse. */
function checkPassword(password: Secret, path: readonly PropertyKey[], report: Report): void {
  const found = localText(password, path, "DNSLB173", report);
  if (found === undefined) return;
  // As the agent reads it: without the end of its line.
  const text = found.text.replace(/[\r\n]+$/, "");
  const got = passwordMistake(text);
  if (got === undefined) return;
  report(
    "DNSLB173",
    path,
    `must be one line of at most ${LONGEST_PASSWORD} bytes without quotation marks and control characters, got ${got} in ${found.file}; choose another password, on the router, too`,
  );
}

/** What is wrong with a password, of which each character is a byte, without a part of it. */
function passwordMistake(text: string): string | undefined {
  if (text === "") return "nothing";
  if (/[\r\n]/.test(text)) return "several lines";
  if (text.includes('"')) return "a quotation mark";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  if (/[\x00-\x1f\x7f]/.test(text)) return "a control character";
  return text.length > LONGEST_PASSWORD ? `${text.length} bytes` : undefined;
}

/** Reports what two nodes of a group must not share. */
function checkOthers(
  { node }: GivenMember,
  before: readonly GivenMember[],
  path: readonly PropertyKey[],
  report: Report,
): void {
  const at = [...path, "node"];
  const { name } = node.description;
  for (const [index, { node: other }] of before.entries()) {
    if (other === node) {
      report("DNSLB112", at, `must be another node than members[${index}], got ${node.node.path} again`);
      continue;
    }
    if (other.description.name === name) {
      report(
        "DNSLB112",
        at,
        `must have a name of its own, got "${name}", the name of ${other.node.path}; give one of them another name`,
      );
    }
    const shared = ownAddressesOf(node.description).filter((own) => ownAddressesOf(other.description).includes(own));
    for (const address of shared) {
      report("DNSLB112", at, `must have addresses of its own, got ${address}, an address of ${other.node.path}`);
    }
    const [id, theirs] = [routerIdOf(node.description), routerIdOf(other.description)];
    if (shared.length === 0 && id !== undefined && id === theirs) {
      const message = `must be a node that routers can tell from others, got ${node.node.path} with ${node.description.addresses.join(" and ")} and ${other.node.path} with ${other.description.addresses.join(" and ")}, whose last 32 bits are the same (${id}); give one of them an 'address6' with another end`;
      report("DNSLB176", at, message);
    }
  }
}

/** Reports nodes that cannot ask each other what they serve. */
function checkMeeting({ members }: Given, report: Report): void {
  const nodes = members.map(({ node }) => node);
  if (nodes.length > 0 && meetingFamily(nodes.map(({ description }) => description)) === undefined) {
    const got = nodes.map(({ node, description }) => `${node.path} with ${description.addresses.join(" and ")}`);
    const message = `must have addresses of one family, by which they ask each other what they serve, got ${got.join(", ")}; give all an 'address', or all an 'address6'`;
    report("DNSLB178", ["members"], message);
  }
  for (const [index, node] of nodes.entries()) {
    const obstacle = nodes
      .slice(0, index)
      .filter((other) => other !== node)
      .map((other) => obstacleOf(other, node))
      .find((each) => each !== undefined);
    if (obstacle === undefined) continue;
    report("DNSLB178", ["members", index, "node"], `must be reached by the other nodes of the group, got ${obstacle}`);
  }
}
