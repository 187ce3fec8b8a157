import { construct } from "./fields.js";
import type { INode } from "./node.js";
import type { Report } from "./parse.js";
import type { Field } from "./schema.js";
import { sharedAddresses } from "./segments.js";
import { problemLine } from "./source-location.js";

/** The schema of a node. */
export const NODE: Field<INode> = construct<INode>(
  ["Node"],
  "a node such as a DockerNode",
  "a node of your own extends NodeBase",
);

const owners = new WeakMap<INode, string>();

/** Records the path of the load balancer or server that a node runs, and lets synthesis check what it shares with others. */
export function claimNode(node: INode, owner: string): void {
  owners.set(node, owner);
  node.node.addValidation({ validate: () => sharedAddresses(node).map((problem) => problemLine(node, problem)) });
}

/** The path of the load balancer or server that a node runs. */
export function ownerOf(node: INode): string | undefined {
  return owners.get(node);
}

/** Reports a node that runs a load balancer or a server already. */
export function checkNode(node: INode, path: readonly PropertyKey[], report: Report): void {
  const owner = owners.get(node);
  if (owner === undefined) return;
  report("DNSLB112", path, `must be a node that runs nothing else, got ${node.node.path}, which runs ${owner} already`);
}
