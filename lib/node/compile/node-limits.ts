import { connectionsOf, descriptorsFor } from "../../model/node-connections.js";
import type { BalancerWork } from "../work.js";

/*
 * What daemons need of their node, as settings for the agent, which refuses a release that a node has too little for.
 */

/** The descriptors of a daemon. */
export function descriptorLimit({ loadBalancer }: BalancerWork): Readonly<Record<string, string>> {
  return { descriptors: String(descriptorsFor(connectionsOf(loadBalancer))) };
}

/** The processors of the node, where it is not to use all. */
export function processorLimit({ node: { processors } }: BalancerWork): Readonly<Record<string, string>> {
  return processors === undefined ? {} : { processors: String(processors) };
}

/** The memory that is planned for. Docker's engine sees to that of its containers. */
export function memoryLimit({ node: { memory }, profile }: BalancerWork): Readonly<Record<string, string>> {
  return memory === undefined || profile.name === "docker" ? {} : { memory: String(memory) };
}
