import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";

/*
 * Tests run nodes on a machine that may have fewer processors, descriptors and less memory than the nodes are planned for;
 * the agent would refuse them for it, though they are right.
 */

/** A node without what it needs of its machine. */
export function withoutLimits({ processors, memory, maxConnections, ...kept }: NodeDescription): NodeDescription {
  return kept;
}

/** A load balancer whose nodes need no more of their machines than any node does. */
export function onAnyMachine(loadBalancer: LoadBalancer): LoadBalancer {
  return { ...loadBalancer, nodes: loadBalancer.nodes.map(withoutLimits) };
}
