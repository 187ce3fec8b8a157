import type { LoadBalancer } from "./load-balancer.js";

/** The connections of the statistics page, of those that a node bears. */
export const STATISTICS_CONNECTIONS = 100;
/** Of these, the connections of the node's own check of HAProxy. */
export const HEALTH_CONNECTIONS = 100;

/** The least connections that one client may always hold, however few a listener has. */
const SMALLEST_CLIENT_SHARE = 100;
/** What one client may hold of a listener that is half full. */
const CLIENT_PART = 0.05;
/** Fewer sure connections than this, and one client could hold most of a listener that is half full. */
export const SMALLEST_SHARE = 150;

/** What each listener of a load balancer may hold of the connections of a node. */
export interface ConnectionShare {
  /** The connections that a listener is sure of, whatever the others hold. */
  readonly sure: number;
  /** The most that it holds, while others leave it to it; as many as it is sure of if nothing is left over. */
  readonly most: number;
}

/** How many listeners of clients a load balancer has. */
export function listenerCount({ frontends }: Pick<LoadBalancer, "frontends">): number {
  return frontends.reduce((sum, frontend) => sum + frontend.listeners.length, 0);
}

/**
 * The share of each of a number of listeners in the connections of a node. One or two share them equally. Of more, each is
 * sure of an equal part of one half, and the other half is for those who need it: so the sure parts are there whatever the
 * others hold, and one of forty listeners may still be a busy one. Where half would be too few, the sure parts take more.
 */
export function connectionShare(connections: number, listeners: number): ConnectionShare {
  const clients = connections - STATISTICS_CONNECTIONS - HEALTH_CONNECTIONS;
  const equal = Math.floor(clients / Math.max(1, listeners));
  if (listeners <= 2) return { sure: equal, most: equal };
  const sure = Math.max(Math.floor(clients / 2 / listeners), Math.min(SMALLEST_SHARE, equal));
  return { sure, most: Math.max(sure, clients - listeners * sure) };
}

/** How many connections one client may hold of a listener that is half full: 5 % of its share, at least 100. */
export function clientShare(share: number): number {
  return Math.max(SMALLEST_CLIENT_SHARE, Math.floor(share * CLIENT_PART));
}
