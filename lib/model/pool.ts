import type { Duration } from "../core/duration.js";
import type { Balance } from "./balance.js";
import type { HealthCheck } from "./health-check.js";
import type { PacketCache } from "./packet-cache.js";
import type { PoolMember } from "./pool-member.js";
import type { Secret } from "./secret.js";

/** The downstream servers of a frontend, and how to use them. */
export interface Pool {
  readonly name: string;
  readonly role: "resolver" | "authoritative";
  readonly servers: readonly PoolMember[];
  /** How queries over UDP, and unless `tcpBalance` says otherwise those over TCP, find their server. */
  readonly balance: Balance;
  /** How connections over TCP and TLS, or the queries on them where TCP is inspected, find theirs. @default - `balance` */
  readonly tcpBalance?: Balance;
  readonly healthCheck: HealthCheck;
  readonly whenAllDown: WhenAllDown;
  /** The fewest servers that must be up; with fewer, the pool counts as down. */
  readonly minimumUp?: number;
  /** What happens while servers are up, but fewer than that. */
  readonly belowMinHealthy?: BelowMinHealthy;
  /** The pool that serves while every server of this one is down. It has no fallback of its own. */
  readonly fallback?: Pool;
  readonly clientAddress: "hidden" | "proxy-protocol";
  /** @default - every query is answered by a server */
  readonly cache?: PacketCache;
  /** PEM: the authorities of the certificates of servers over TLS. @default - the node's trust store */
  readonly trust?: Secret;
  /** Zones that an authoritative pool serves; empty for resolvers. Fully qualified. */
  readonly zones: readonly string[];
  readonly zoneTransfer?: ZoneTransfer;
  /** The networks whose NOTIFY (RFC 1996) is passed on. @default - nobody's */
  readonly notifyFrom?: readonly string[];
  /** The networks whose UPDATE (RFC 2136) is passed on. @default - nobody's */
  readonly updateFrom?: readonly string[];
  /** How long a TCP connection to a server may be idle before it is closed. */
  readonly idleTimeout: Duration;
}

/** The choices for a pool whose servers are all down. */
export const WHEN_ALL_DOWN = ["try-all", "refuse", "servfail"] as const;
/** How to answer clients while all servers are down: try the servers all the same, REFUSED, or SERVFAIL. */
export type WhenAllDown = (typeof WHEN_ALL_DOWN)[number];

/** The choices for a pool with fewer servers up than it must have. */
export const BELOW_MIN_HEALTHY = ["down", "try-all"] as const;
/** What a pool with too few servers does: counts as down, or tries all of its servers. */
export type BelowMinHealthy = (typeof BELOW_MIN_HEALTHY)[number];

/** The fewest servers with which a pool serves. */
export function minimumUpOf({ minimumUp = 1 }: Pool): number {
  return minimumUp;
}

/** Which clients may transfer the pool's zones (RFC 5936), and from which servers. */
export interface ZoneTransfer {
  /** The names of the servers that answer transfers; the first that is up answers all. */
  readonly servers: readonly string[];
  readonly allowFrom: readonly string[];
}

/** The names of the servers for transfers, NOTIFY and UPDATE; the first that is up gets all. */
export function zoneServers({ servers, zoneTransfer, notifyFrom, updateFrom }: Pool): readonly string[] {
  if (zoneTransfer !== undefined) return zoneTransfer.servers;
  return notifyFrom === undefined && updateFrom === undefined ? [] : servers.map(({ name }) => name);
}

/** How a pool picks the server on a transport. */
export function balanceOf({ balance, tcpBalance = balance }: Pool, transport: "udp" | "tcp"): Balance {
  return transport === "udp" ? balance : tcpBalance;
}

/** A pool and its fallback, in the order in which they serve. */
export function withFallback(pool: Pool): readonly Pool[] {
  return pool.fallback === undefined ? [pool] : [pool, pool.fallback];
}
