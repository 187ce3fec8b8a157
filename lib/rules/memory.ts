import { type LoadBalancer, OUTSTANDING_QUERIES_RANGE } from "../model/load-balancer.js";
import {
  cacheMemory,
  connectionMemory,
  connectionsWithin,
  isEnough,
  memoryFor,
  memoryNeed,
  outstandingQueriesOf,
  outstandingQueriesWithin,
  serverCount,
} from "../model/memory.js";
import { CONNECTIONS_RANGE, connectionsOf } from "../model/node-connections.js";
import type { Rule } from "./rule.js";

const MIB = 1_048_576;

/** DNSLB015: more servers and connections than the memory of a node is enough for while a change replaces servers. */
export const memory: Rule = (loadBalancer) => {
  const connections = connectionsOf(loadBalancer);
  const need = memoryNeed(loadBalancer, { connections });
  return loadBalancer.nodes.flatMap(({ name, memory }) => {
    if (memory === undefined || isEnough(memory, need)) return [];
    const cached = cacheMemory(loadBalancer);
    const caches = cached === 0 ? "" : `, and caches of ${inMib(cached)} MiB,`;
    const held = connectionMemory(connections);
    const open =
      held === 0 ? "" : `, and ${connections} connections, of which those beyond 8000 take ${inMib(held)} MiB,`;
    const used = `${serverCount(loadBalancer)} servers with ${outstandingQueriesOf(loadBalancer)} outstanding queries each${caches}${open} need up to ${inMib(need)} MiB while a change replaces them`;
    const message = `node "${name}" has ${inMib(memory)} MiB of memory, of which 70 % may be planned for: ${used}; set \`memory: "${sizeOf(memoryFor(need))}"\` on the node${orFewer(memory, loadBalancer, connections)}`;
    return [{ code: "DNSLB015", part: { kind: "load-balancer" }, property: "", message }];
  });
};

function orFewer(memory: number, loadBalancer: LoadBalancer, connections: number): string {
  const fewer = outstandingQueriesWithin(memory, loadBalancer, connections);
  const queries =
    fewer < OUTSTANDING_QUERIES_RANGE.fewest ? "" : `, or \`outstandingQueries: ${fewer}\` on the load balancer`;
  const within = connectionsWithin(memory, loadBalancer);
  const isHelp = connectionMemory(connections) > 0 && within >= CONNECTIONS_RANGE.fewest;
  return `${queries}${isHelp ? `, or \`maxConnections: ${within}\` on the nodes` : ""}`;
}

function inMib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}

function sizeOf(bytes: number): string {
  const mib = inMib(bytes);
  return mib % 1_024 === 0 ? `${mib / 1_024}g` : `${mib}m`;
}
