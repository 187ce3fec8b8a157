import type { Problem } from "../core/errors.js";
import { cidrsOverlap } from "../core/ip.js";
import { clientsOf, type Frontend } from "../model/frontend.js";
import { listenersOf } from "../model/listener.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Pool } from "../model/pool.js";
import type { Rule } from "./rule.js";

/** A pool whose own policy for transfers, NOTIFY and UPDATE holds behind a frontend, and the clients that it may see. */
interface Reached {
  readonly property: string;
  readonly pool: Pool;
  readonly clients: readonly string[];
}

/** The pools of a frontend and of its routes, not their fallbacks. */
function reachedBy({ pool, routes = [], allowFrom }: Frontend): readonly Reached[] {
  return [
    { property: "pool", pool, clients: allowFrom },
    ...routes.map((route, index) => ({
      ...{ property: `routes[${index}]`, pool: route.pool },
      clients: clientsOf(allowFrom, route.from),
    })),
  ];
}

/** DNSLB027: sources of transfers, NOTIFY or UPDATE that no frontend of the pool serves. */
export const unservedSources: Rule = ({ frontends }) => {
  const reached = frontends.flatMap((frontend, index) => reachedBy(frontend).map((each) => ({ ...each, index })));
  const pools = new Map(reached.map(({ pool }) => [pool.name, pool]));
  return [...pools.values()].flatMap((pool) => {
    const here = reached.filter((each) => each.pool.name === pool.name);
    const clients = here.flatMap((each) => each.clients);
    const [first] = here;
    if (first === undefined) return [];
    return sourcesOf(pool).flatMap(({ list, networks }) => {
      const unserved = networks.filter((network) => !clients.some((served) => cidrsOverlap(network, served)));
      if (unserved.length === 0) return [];
      const named = unserved.map((network) => JSON.stringify(network)).join(", ");
      return [
        {
          code: "DNSLB027" as const,
          part: { kind: "frontend", index: first.index } as const,
          property: first.property,
          message: `leads to pool "${pool.name}", whose '${list}' names ${named}, which no frontend of the pool serves; add it to their 'allowFrom', or take it out of '${list}'`,
        },
      ];
    });
  });
};

function sourcesOf({ zoneTransfer, notifyFrom = [], updateFrom = [] }: Pool) {
  return [
    { list: "zoneTransfer.allowFrom", networks: zoneTransfer?.allowFrom ?? [] },
    { list: "notifyFrom", networks: notifyFrom },
    { list: "updateFrom", networks: updateFrom },
  ];
}

/** DNSLB028: a warning that zones can be transferred over a version of TLS that must not be used for them (RFC 9103). */
export function transfersOverOldTls({ frontends }: LoadBalancer): Problem | undefined {
  const old = frontends.flatMap((frontend) => {
    const pool = reachedBy(frontend).find((each) => each.pool.zoneTransfer !== undefined)?.pool;
    if (pool === undefined) return [];
    return listenersOf(frontend, "dot")
      .filter(({ minimumTlsVersion }) => minimumTlsVersion === "1.2")
      .map((listener) => ({ listener, pool }));
  });
  const [first] = old;
  if (first === undefined) return undefined;
  const more = old.length === 1 ? "" : ` (and ${old.length - 1} more)`;
  const message = `DoT listener "${first.listener.name}"${more} lets clients transfer the zones of pool "${first.pool.name}" over TLS 1.2, and transfers need TLS 1.3 (RFC 9103); set its minimumTlsVersion: "1.3", or put it beside a frontend whose pool has no 'zoneTransfer'`;
  return { code: "DNSLB028", property: "", message };
}
