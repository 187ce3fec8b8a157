import { Annotations, TerraformOutput, TerraformStack } from "cdktf";
import { formatProblems, type Problem } from "../core/errors.js";
import type { INode } from "./node.js";
import type { Report } from "./parse.js";

/*
 * Nodes out of service: machines that are off, or that cannot be reached. Whatever runs on several nodes treats them
 * here, however many it has: they come last, are announced, and must leave a node in service.
 */

const isOut = ({ description }: INode) => description.outOfService === true;

/**
 * Nodes in the order in which they are changed: those out of service last, so that no change of another node waits for
 * one of them or fails with it; but for those on which nothing is done then.
 */
export function orderOfChanges(nodes: readonly INode[]): readonly INode[] {
  const isLast = (node: INode) => isOut(node) && node.restsOutOfService !== true;
  return [...nodes.filter((node) => !isLast(node)), ...nodes.filter(isLast)];
}

/** DNSLB140: reports nodes that are all out of service. */
export function checkSomeInService(nodes: readonly INode[], path: readonly PropertyKey[], report: Report): void {
  if (nodes.length < 2 || !nodes.every(isOut)) return;
  report(
    "DNSLB140",
    path,
    `must hold a node in service, got ${nodes.map(({ node }) => node.path).join(" and ")}, all out of service; take 'outOfService' out of one that can be changed`,
  );
}

/** DNSLB141: reports a node out of service where no other node would survive it. */
export function checkInService(node: INode, path: readonly PropertyKey[], report: Report): void {
  if (!isOut(node)) return;
  report(
    "DNSLB141",
    path,
    `must be in service, got ${node.node.path}, which is out of service, and no other node does its work; leave 'outOfService' out, and deploy only the other stacks while it is away`,
  );
}

/**
 * DNSLB018: says of each node out of service, at synthesis as a warning, and in the plans of the nodes in service as an
 * output, that its configuration is not changed.
 */
export function announceOutOfService(nodes: readonly INode[]): void {
  const out = nodes.filter(isOut);
  if (out.length === 0) return;
  for (const node of out) {
    const message = `node ${node.description.name} is out of service: its configuration is not changed with that of the others; take 'outOfService' out when it is back`;
    Annotations.of(node).addWarning(formatProblems([{ code: "DNSLB018", property: "", message }]));
  }
  const names = out.map(({ description }) => description.name);
  const [are, their] = names.length === 1 ? ["node", "is out of service: its"] : ["nodes", "are out of service: their"];
  for (const node of nodes.filter((each) => !isOut(each))) {
    new TerraformOutput(node, "OutOfService", {
      description: "Nodes that share the work of this one and are out of service.",
      value: `${are} ${names.join(", ")} ${their} configuration is not changed`,
    });
  }
}

/**
 * DNSLB017: the problems of a node out of service whose stack another node needs; for platforms on which nothing of a
 * stack can be planned while one of its nodes is away.
 */
export function stackProblems(node: INode, others: readonly INode[]): readonly Problem[] {
  if (!isOut(node)) return [];
  const own = TerraformStack.of(node);
  return others
    .filter((other) => !isOut(other))
    .flatMap((other) => {
      const stack = TerraformStack.of(other);
      if (!stack.dependsOn(own)) return [];
      const [needs, fix] =
        stack === own
          ? [`in which ${other.node.path} is, too`, "give each node a stack of its own"]
          : [`on which ${stack.node.id}, the stack of ${other.node.path}, depends`, "remove that dependency"];
      const message = `needs a stack that no other node needs, got ${own.node.id}, ${needs}: while the node is away, nothing of these can be planned; ${fix}`;
      return [{ code: "DNSLB017", property: "outOfService", message } as const];
    });
}
