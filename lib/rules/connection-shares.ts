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
  const message = `load balancer ${told(loadBalancer)}: each has ${share} connections, and needs ${SMALLEST_SHARE}, so that one client cannot fill it; spread them over several load balancers, or give frontends of one pool and policy their addresses in one 'addresses'`;
  return [{ code: "DNSLB013", part: { kind: "load-balancer" }, property: "", message }];
};

/** DNSLB132: a warning that listeners have few connections, because there are many of them. */
export function scarceConnections(loadBalancer: LoadBalancer): Problem | undefined {
  const share = connectionShare(loadBalancer);
  if (share >= SCARCE_SHARE || share < SMALLEST_SHARE) return undefined;
  const message = `load balancer ${told(loadBalancer)}: each takes ${share} connections at once, and further clients wait; spread them over several load balancers if that is too few`;
  return { code: "DNSLB132", property: "", message };
}

function told({ name, frontends }: LoadBalancer): string {
  const listeners = frontends.reduce((sum, frontend) => sum + frontend.listeners.length, 0);
  return `"${name}" has ${listeners} frontends and DoT listeners, which share the ${NODE_CONNECTIONS} TCP and TLS connections of a node`;
}
