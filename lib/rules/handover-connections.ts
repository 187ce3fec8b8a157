import { connectionsOf, HANDOVER_CONNECTIONS } from "../model/node-connections.js";
import type { Rule } from "./rule.js";

/** DNSLB023: more connections than HAProxy can hand over to dnsdist. */
export const handoverConnections: Rule = (loadBalancer) => {
  const connections = connectionsOf(loadBalancer);
  if (connections <= HANDOVER_CONNECTIONS) return [];
  return loadBalancer.frontends.flatMap(({ tcpPath }, index) => {
    if (tcpPath !== "inspected") return [];
    const message = `must be "direct" on nodes with ${connections} 'maxConnections', got "inspected": HAProxy hands at most ${HANDOVER_CONNECTIONS} connections over to dnsdist at once, each from a port of its own; give the nodes no more 'maxConnections' than these`;
    return [{ code: "DNSLB023", part: { kind: "frontend", index }, property: "tcpPath", message }];
  });
};
