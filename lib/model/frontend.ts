import { cidrWithin } from "../core/ip.js";
import type { AccessRule } from "./access-rule.js";
import type { FrontendExtra } from "./extra.js";
import type { Listener } from "./listener.js";
import { type Pool, withFallback } from "./pool.js";
import type { RateLimit } from "./rate-limit.js";
import type { Route } from "./route.js";

/** Listeners on some addresses that share one pool and one policy for clients. */
export interface Frontend {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly pool: Pool;
  readonly tcpPath: TcpPath;
  /** Only clients in these networks are served. */
  readonly allowFrom: readonly string[];
  readonly accessRules: readonly AccessRule[];
  /** Pools for some of the queries; all others go to `pool`. @default - no routes */
  readonly routes?: readonly Route[];
  readonly rateLimit?: RateLimit;
  /** Whether the load balancer's log of connections, if it has one, has those of this frontend. @default true */
  readonly logConnections?: boolean;
  /** Settings that no property says. @default - none */
  readonly extra?: FrontendExtra;
  /** Each listens on all of the addresses. The first one is plain DNS and has the frontend's name. */
  readonly listeners: readonly Listener[];
}

/**
 * `direct`: HAProxy balances TCP connections itself. `inspected`: HAProxy passes them to dnsdist, which reads queries.
 */
export type TcpPath = "direct" | "inspected";

/** A pool behind a frontend, with the property that leads to it, and the clients whose queries it may get. */
export interface PoolBehind {
  readonly property: string;
  readonly pool: Pool;
  readonly clients: readonly string[];
}

/** All pools to which queries of a frontend may go: its own, those of its routes, and their fallbacks. */
export function poolsBehind({
  pool,
  routes = [],
  allowFrom,
}: Pick<Frontend, "pool" | "routes" | "allowFrom">): readonly PoolBehind[] {
  return [
    ...withFallback(pool).map((each) => ({ property: "pool", pool: each, clients: allowFrom })),
    ...routes.flatMap((route, index) => {
      const clients = clientsOf(allowFrom, route.from);
      return withFallback(route.pool).map((each) => ({ property: `routes[${index}]`, pool: each, clients }));
    }),
  ];
}

/** The clients of a frontend that are also in these networks, which may be none for all. */
export function clientsOf(allowFrom: readonly string[], from: readonly string[]): readonly string[] {
  if (from.length === 0) return allowFrom;
  const within = (inner: readonly string[], outer: readonly string[]) =>
    inner.filter((network) => outer.some((each) => cidrWithin(network, each)));
  return [...new Set([...within(from, allowFrom), ...within(allowFrom, from)])];
}
