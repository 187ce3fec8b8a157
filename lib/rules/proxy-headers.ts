import type { Problem } from "../core/errors.js";
import { hostPort } from "../core/ip.js";
import { poolsBehind } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Pool } from "../model/pool.js";

/**
 * DNSLB020: a warning that two pools query one server at one port, the one with PROXY headers and the other without. Most
 * servers take but one of the two.
 */
export function mixedProxyHeaders({ frontends }: LoadBalancer): Problem | undefined {
  const pools = [...new Map(frontends.flatMap(poolsBehind).map(({ pool }) => [pool.name, pool])).values()];
  const [hidden, told] = (["hidden", "proxy-protocol"] as const).map((kind) => poolsByServer(pools, kind));
  const mixed = [...(hidden ?? [])].flatMap(([server, without]) => {
    const withHeaders = told?.get(server);
    return withHeaders === undefined ? [] : [{ server, without, with: withHeaders }];
  });
  const [first] = mixed;
  if (first === undefined) return undefined;
  const more = mixed.length === 1 ? "" : ` (and ${mixed.length - 1} more)`;
  const message = `pool "${first.with}" queries the server ${first.server}${more} with PROXY headers, and pool "${first.without}" without; unless it takes both, as few servers do, set 'clientAddress' of both pools to the same, or give the server a port for each`;
  return { code: "DNSLB020", property: "", message };
}

/** The first of the pools of a kind that queries each server. */
function poolsByServer(pools: readonly Pool[], kind: Pool["clientAddress"]): ReadonlyMap<string, string> {
  const found = pools
    .filter(({ clientAddress }) => clientAddress === kind)
    .flatMap(({ name, servers }) => servers.map(({ address, port }) => [hostPort(address, port), name] as const));
  return new Map(found.reverse());
}
