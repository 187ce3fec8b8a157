import { DNS_PORT } from "./dns-listener.js";
import { listenersOf } from "./listener.js";
import type { LoadBalancer } from "./load-balancer.js";

/** The ports of plain DNS on a node, in ascending order: those of the frontends, or 53 where there is none. */
export function dnsPortsOf({ frontends }: Pick<LoadBalancer, "frontends">): readonly [number, ...number[]] {
  const ports = frontends.flatMap((frontend) => listenersOf(frontend, "dns").map(({ port }) => port));
  const [first = DNS_PORT, ...others] = [...new Set(ports)].sort((a, b) => a - b);
  return [first, ...others];
}

/** The port at which a node is asked for its own health, by itself and by its peers: 53, unless no frontend listens there. */
export function nodePortOf(loadBalancer: Pick<LoadBalancer, "frontends">): number {
  const ports = dnsPortsOf(loadBalancer);
  return ports.includes(DNS_PORT) ? DNS_PORT : ports[0];
}
