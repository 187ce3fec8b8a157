import type { IConstruct } from "constructs";
import type { Problem } from "../core/errors.js";
import { ownAddressesOf } from "../model/node.js";
import { isOfKind } from "./brand.js";
import type { INode } from "./node.js";

/** Why packets do not pass between two nodes, as far as one of them knows. */
export function obstacleOf(one: INode, other: INode, device?: string): string | undefined {
  return one.obstacleTo?.(other, device) ?? other.obstacleTo?.(one, device);
}

/** Whether two nodes are on one network, as far as is known. */
export function shareNetwork(one: INode, other: INode): boolean {
  const theirs = networksOf(other);
  return networksOf(one).some((network) => theirs.includes(network)) && obstacleOf(one, other) === undefined;
}

/** The networks of a node: those of its interfaces, or the one that it names. */
function networksOf(node: INode): readonly string[] {
  const subnets = knownSubnetsOf(node);
  return subnets.length === 0 ? [node.network] : subnets;
}

/**
 * DNSLB016: nodes on one network with one address. On networks that are not known, such as those of hosts, an address may
 * be on several machines on purpose. Returns the problems of `node`.
 */
export function sharedAddresses(node: INode): readonly Problem[] {
  const own = ownAddressesOf(node.description);
  const isKnown = ({ description }: INode) => description.interfaces !== undefined;
  if (!isKnown(node)) return [];
  return nodesIn(node.node.root)
    .filter((other) => other.node.path < node.node.path && isKnown(other))
    .flatMap((other) => {
      const shared = ownAddressesOf(other.description).filter((address) => own.includes(address));
      if (shared.length === 0 || !shareNetwork(node, other)) return [];
      const message = `must have addresses of its own, got ${shared.join(" and ")}, which ${other.node.path} has on the same network; give one of them another`;
      return [{ code: "DNSLB016" as const, property: "", message }];
    });
}

/** The subnets of the app that packets of some nodes reach: their own, and those of nodes without an obstacle between. */
export function subnetsReachedFrom(nodes: readonly INode[]): readonly string[] {
  const [first] = nodes;
  const others = first === undefined ? [] : nodesIn(first.node.root);
  const reached = others.filter(
    (other) => nodes.includes(other) || nodes.some((node) => obstacleOf(node, other) === undefined),
  );
  return [...new Set(reached.flatMap(knownSubnetsOf))];
}

/** The subnets of a node's interfaces, as far as they are known. */
export function knownSubnetsOf({ description: { interfaces = [] } }: INode): readonly string[] {
  return interfaces.flatMap((each) => each.subnets ?? []);
}

/** The nodes of an app. */
export function nodesIn(root: IConstruct): readonly INode[] {
  return root.node.findAll().filter((construct): construct is INode => isOfKind(construct, "Node"));
}
