import { poolsBehind } from "../model/frontend.js";
import { type LoadBalancer, servedAddressesOf } from "../model/load-balancer.js";
import type { Rule } from "./rule.js";

/** DNSLB010: a pool with an address of the load balancer itself, where queries and probes would loop. */
export const ownAddresses: Rule = (loadBalancer) => {
  const own = ownOf(loadBalancer);
  return loadBalancer.frontends.flatMap((frontend, index) =>
    poolsBehind(frontend).flatMap(({ property, pool }) =>
      pool.servers
        .filter(({ address }) => own.has(address) || isLoopback(address))
        .map(({ name, address }) => ({
          code: "DNSLB010",
          part: { kind: "frontend", index } as const,
          property,
          message: `leads to server "${name}" of pool "${pool.name}" at ${address}, an address of load balancer "${loadBalancer.name}" itself; give the addresses of the servers behind it`,
        })),
    ),
  );
};

function ownOf(loadBalancer: LoadBalancer): ReadonlySet<string> {
  return new Set(loadBalancer.nodes.flatMap((node) => servedAddressesOf(loadBalancer, node)));
}

/** A loopback address on a node is the node itself. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
