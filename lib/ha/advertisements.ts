import { cidrContains, type Family, familyOf } from "../core/ip.js";
import { addressesOn, type NodeDescription } from "../model/node.js";
import type { INode } from "../terraform/node.js";
import type { Report } from "../terraform/parse.js";
import { obstacleOf } from "../terraform/segments.js";

/** What decides how the nodes of a pair send each other VRRP adverts. */
export interface Advertisements {
  readonly nodes: readonly INode[];
  readonly virtualAddresses: readonly { readonly address: string }[];
  readonly advertisementInterface?: string | undefined;
  readonly ttlSecurity?: boolean | undefined;
}

/** Checks the interface of the adverts, and that TTL security is not required where a router stands between the nodes. */
export function checkAdvertisements(props: Advertisements, report: Report): void {
  const { nodes, advertisementInterface, ttlSecurity } = props;
  const known = advertisementInterface === undefined || checkInterface(props, advertisementInterface, report);
  if (!known) return;
  const [first, second] = nodes;
  const obstacle = first && second && first !== second ? obstacleOf(first, second, advertisementInterface) : undefined;
  if (obstacle !== undefined) {
    report("DNSLB144", ["nodes"], `must hear each other's VRRP adverts, got ${obstacle}`);
    return;
  }
  if (ttlSecurity === false) return;
  for (const family of familiesOf(props)) {
    const apart = nodes.find((node) => routed(node, nodes, advertisementInterface, family) === true);
    if (apart === undefined) continue;
    const subnets = nodes.map(
      (node) =>
        subnetsOn(node.description, advertisementInterface, family).join(", ") ||
        addressesOn(node.description, advertisementInterface ?? node.description.interface).join(", "),
    );
    if (ttlSecurity === undefined) {
      report(
        "DNSLB144",
        ["nodes"],
        `must be in one subnet to hear each other's VRRP adverts, got ${subnets.join(" and ")}; correct the addresses or the subnets, name an 'advertisementInterface' that both have in one, or set \`ttlSecurity: false\` if a router between them passes VRRP`,
      );
      return;
    }
    report(
      "DNSLB130",
      ["ttlSecurity"],
      `needs nodes in one subnet, got ${subnets.join(" and ")}: a router between them lowers the ${family === "ipv4" ? "TTL" : "hop limit"} of adverts, and each node would lead by itself; put the nodes in one subnet, name an 'advertisementInterface' that both have in one, or leave 'ttlSecurity' out`,
    );
  }
}

/**
 * Whether adverts must arrive with TTL 255, unless the user says: where both nodes stand in one subnet, and IPv4 is
 * spoken. Nodes of earlier releases send IPv6 adverts with a hop limit of 64, so a pair that speaks IPv6 alone would refuse
 * itself in the middle of an upgrade. Where it speaks both, IPv4 keeps the pair together meanwhile.
 */
export function defaultTtlSecurity(props: Advertisements): boolean {
  const { nodes, advertisementInterface } = props;
  const families = familiesOf(props);
  if (!families.includes("ipv4")) return false;
  const [first, ...others] = nodes.map(({ network }) => network);
  return families.every((family) =>
    nodes.every((node) => {
      const answer = routed(node, nodes, advertisementInterface, family);
      return answer === undefined ? others.every((other) => other === first) : !answer;
    }),
  );
}

/** Returns whether the nodes have the interface, as far as they say. */
function checkInterface(props: Advertisements, device: string, report: Report): boolean {
  const path = ["advertisementInterface"];
  return props.nodes.map((node) => hasInterface(node, device, props, path, report)).every((has) => has);
}

function hasInterface(
  node: INode,
  device: string,
  props: Advertisements,
  path: readonly PropertyKey[],
  report: Report,
): boolean {
  const { interfaces, interface: own } = node.description;
  if (device !== own && interfaces === undefined) {
    report(
      "DNSLB131",
      path,
      `needs nodes that list their interfaces with addresses, got "${device}" of ${node.node.path}, which is known to have ${own} alone; give the node a network that Docker attaches, with the interface in its 'interfaces', or leave 'advertisementInterface' out`,
    );
    return false;
  }
  if (device !== own && !interfaces?.some(({ name }) => name === device)) {
    report(
      "DNSLB116",
      path,
      `must be an interface of ${node.node.path} (${interfaces?.map(({ name }) => name).join(", ")}), got "${device}"; name one of these, or give the node one of that name`,
    );
    return false;
  }
  const addresses = addressesOn(node.description, device);
  const lacking = familiesOf(props).filter((family) => !addresses.some((address) => familyOf(address) === family));
  for (const family of lacking) {
    const [name, property] = family === "ipv4" ? ["IPv4", "address"] : ["IPv6", "address6"];
    report(
      "DNSLB118",
      path,
      `needs an ${name} address of ${node.node.path} on ${device}, which has none: ${name} virtual addresses move by ${name} adverts; give the interface an '${property}', of any network that the nodes share`,
    );
  }
  return lacking.length === 0;
}

/** Whether a router stands between a node and another one; undefined where the node's subnet is not known. */
function routed(node: INode, nodes: readonly INode[], device: string | undefined, family: Family): boolean | undefined {
  const subnets = subnetsOn(node.description, device, family);
  if (subnets.length === 0) return undefined;
  return nodes
    .filter((other) => other !== node)
    .flatMap(({ description }) => addressesOn(description, device ?? description.interface))
    .some((address) => familyOf(address) === family && !subnets.some((subnet) => cidrContains(subnet, address)));
}

function subnetsOn(
  { interface: own, interfaces }: NodeDescription,
  device: string | undefined,
  family: Family,
): readonly string[] {
  const found = interfaces?.find(({ name }) => name === (device ?? own));
  return (found?.subnets ?? []).filter((subnet) => familyOf(subnet.split("/")[0] ?? "") === family);
}

function familiesOf({ virtualAddresses }: Advertisements): readonly Family[] {
  const present = virtualAddresses.map(({ address }) => familyOf(address));
  return (["ipv4", "ipv6"] as const).filter((family) => present.includes(family));
}
