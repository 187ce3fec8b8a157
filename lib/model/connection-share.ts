import type { LoadBalancer } from "./load-balancer.js";

/**
 * The TCP and TLS connections that a node bears. Each needs two descriptors in HAProxy, within the limits of a
 * container.
 */
export const NODE_CONNECTIONS = 8_000;
/** Of these, the connections of the statistics page. */
export const STATISTICS_CONNECTIONS = 100;
/** Of these, the connections of the node's own check of HAProxy. */
export const HEALTH_CONNECTIONS = 100;

/** The connections of each listener of a load balancer: an equal part of what a node has left for clients. */
export function connectionShare({ frontends }: Pick<LoadBalancer, "frontends">): number {
  const listeners = frontends.reduce((sum, frontend) => sum + frontend.listeners.length, 0);
  return Math.floor((NODE_CONNECTIONS - STATISTICS_CONNECTIONS - HEALTH_CONNECTIONS) / Math.max(1, listeners));
}

/** The least connections that one client may always hold, however few a listener has. */
const SMALLEST_CLIENT_SHARE = 100;
/** What one client may hold of a listener that is half full. */
const CLIENT_PART = 0.05;

/** How many connections one client may hold of a listener that is half full: 5 % of its share, at least 100. */
export function clientShare(share: number): number {
  return Math.max(SMALLEST_CLIENT_SHARE, Math.floor(share * CLIENT_PART));
}
