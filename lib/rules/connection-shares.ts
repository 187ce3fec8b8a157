import type { Problem } from "../core/errors.js";
import { connectionShare, listenerCount, SMALLEST_SHARE } from "../model/connection-share.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { connectionsOf } from "../model/node-connections.js";
import type { Rule } from "./rule.js";

/* Fewer connections than this, even while others leave them, deserve a word. */
const SCARCE_SHARE = 1_000;

/** DNSLB013: so many listeners that one client could fill one of them. */
export const connectionShares: Rule = (loadBalancer) => {
  const { sure } = shareOf(loadBalancer);
  if (sure >= SMALLEST_SHARE) return [];
  const message = `load balancer ${told(loadBalancer)}: each has ${sure} connections, and needs ${SMALLEST_SHARE}, so that one client cannot fill it; give its nodes more 'maxConnections', spread them over several load balancers, or give frontends of one pool and policy their addresses in one 'addresses'`;
  return [{ code: "DNSLB013", part: { kind: "load-balancer" }, property: "", message }];
};

/** DNSLB132: a warning that listeners have few connections, because there are many of them. */
export function scarceConnections(loadBalancer: LoadBalancer): Problem | undefined {
  const { sure, most } = shareOf(loadBalancer);
  if (most >= SCARCE_SHARE || sure < SMALLEST_SHARE) return undefined;
  const spare = most > sure ? `, and up to ${most} while others leave them` : "";
  const message = `load balancer ${told(loadBalancer)}: each is sure of ${sure} connections at once${spare}; give its nodes more 'maxConnections', or spread them over several load balancers, if that is too few`;
  return { code: "DNSLB132", property: "", message };
}

function shareOf(loadBalancer: LoadBalancer) {
  return connectionShare(connectionsOf(loadBalancer), listenerCount(loadBalancer));
}

function told(loadBalancer: LoadBalancer): string {
  const listeners = listenerCount(loadBalancer);
  return `"${loadBalancer.name}" has ${listeners} frontends and DoT listeners, which share the ${connectionsOf(loadBalancer)} TCP and TLS connections of a node`;
}
