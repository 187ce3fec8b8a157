import type { LoadBalancer } from "./load-balancer.js";
import { connectionMemory, isEnough, memoryNeed } from "./memory.js";
import { DEFAULT_CONNECTIONS, type NodeDescription } from "./node.js";

/** The connections that a node with enough memory bears by itself, the most first. */
const STEPS = [24_000, 16_000, DEFAULT_CONNECTIONS] as const;
/** The share of its memory that a node has for those beyond the fewest of these. */
const PART = 0.25;
/** The descriptors for a connection: one for each of its ends. */
const DESCRIPTORS = 2;
/** The descriptors for what else a daemon has open: listeners, servers, files. */
const FURTHER_DESCRIPTORS = 4_000;
/** The descriptors that every daemon may have: of 2,000 servers, thrice while a change replaces them. */
const FEWEST_DESCRIPTORS = 10_000;

/** The fewest and the most connections that may be asked for. */
export const CONNECTIONS_RANGE = { fewest: 1_000, most: 200_000 } as const;

/**
 * The most connections that HAProxy hands over to dnsdist at once: each has a port of its own, of which Linux has 28,232
 * (`net.ipv4.ip_local_port_range`).
 */
export const HANDOVER_CONNECTIONS = 28_000;

/**
 * The TCP and TLS connections that each node of a load balancer bears: the fewest of all, because each must be able to take
 * those of another one, and all run the same shares.
 */
export function connectionsOf(loadBalancer: LoadBalancer): number {
  const each = loadBalancer.nodes.map((node) => connectionsOn(node, loadBalancer));
  return each.length === 0 ? DEFAULT_CONNECTIONS : Math.min(...each);
}

/** The connections of a node: those that it is given, else as many as its memory has room for beside its servers. */
export function connectionsOn({ maxConnections, memory }: NodeDescription, loadBalancer: LoadBalancer): number {
  if (maxConnections !== undefined) return maxConnections;
  if (memory === undefined) return DEFAULT_CONNECTIONS;
  const fits = (connections: number) =>
    connectionMemory(connections) <= memory * PART && isEnough(memory, memoryNeed(loadBalancer, { connections }));
  return STEPS.find(fits) ?? DEFAULT_CONNECTIONS;
}

/** The descriptors that each daemon of a node needs for its connections. */
export function descriptorsFor(connections: number): number {
  return Math.max(FEWEST_DESCRIPTORS, connections * DESCRIPTORS + FURTHER_DESCRIPTORS);
}

/** The most descriptors that a daemon of a node may need, whatever it runs. */
export function mostDescriptorsOf(node: Pick<NodeDescription, "maxConnections" | "memory">): number {
  const nothing = { name: "", nodes: [], frontends: [], virtualAddresses: [], mobility: { kind: "fixed" } } as const;
  return descriptorsFor(connectionsOn({ ...node, name: "", addresses: [], interface: "" }, nothing));
}
