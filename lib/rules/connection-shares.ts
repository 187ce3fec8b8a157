import type { Problem } from "../core/errors.js";
import { connectionShare, NODE_CONNECTIONS } from "../model/connection-share.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Rule } from "./rule.js";

/* One client may hold 100 connections of a listener that is half full: of fewer than this it would hold most. */
const SMALLEST_SHARE = 150;
/* Fewer connections than this deserve a word. */
const SCARCE_SHARE = 250;

/** DNSLB013: so many listeners that one client could fill one of them. */
export const connectionShares: Rule = (loadBalancer) => {
  const share = connectionShare(loadBalancer);
  if (share >= SMALLEST_SHARE) return [];
  const message = `leave each listener ${share} of the ${NODE_CONNECTIONS} connections of a node, got ${listeners(loadBalancer)} frontends and DoT listeners; at least ${SMALLEST_SHARE} are needed, so that one client cannot fill a listener; spread them over several load balancers, or let frontends share addresses in 'addresses'`;
  return [{ code: "DNSLB013", part: { kind: "load-balancer" }, property: "frontends", message }];
};

/** DNSLB132: a warning that listeners have few connections, because there are many of them. */
export function scarceConnections(loadBalancer: LoadBalancer): Problem | undefined {
  const share = connectionShare(loadBalancer);
  if (share >= SCARCE_SHARE || share < SMALLEST_SHARE) return undefined;
  const message = `has ${listeners(loadBalancer)} frontends and DoT listeners, which share the ${NODE_CONNECTIONS} connections of a node: each takes ${share} TCP or TLS connections at once, and further clients wait; spread them over several load balancers if that is too few`;
  return { code: "DNSLB132", property: "", message };
}

function listeners({ frontends }: LoadBalancer): number {
  return frontends.reduce((sum, frontend) => sum + frontend.listeners.length, 0);
}
