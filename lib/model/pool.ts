import type { Duration } from "../core/duration.js";
import type { Balance } from "./balance.js";
import type { HealthCheck } from "./health-check.js";
import type { PoolMember } from "./pool-member.js";

/** The servers behind frontends, and what to do with them. */
export interface Pool {
  readonly name: string;
  readonly role: "resolver" | "authoritative";
  readonly servers: readonly PoolMember[];
  readonly balance: Balance;
  readonly healthCheck: HealthCheck;
  readonly whenAllDown: WhenAllDown;
  /** Serves while no server of this pool is left. Has no fallback of its own. */
  readonly fallback?: Pool;
  readonly clientAddress: "hidden" | "proxy-protocol";
  /** Zones that an authoritative pool serves; empty for resolvers. Fully qualified. */
  readonly zones: readonly string[];
  readonly zoneTransfer?: ZoneTransfer;
  /** A server that is silent for so long on a TCP connection loses it. */
  readonly idleTimeout: Duration;
}

/** The choices for a pool whose every probe fails. */
export const WHEN_ALL_DOWN = ["try-all", "refuse", "servfail"] as const;
/** What clients get when every probe fails: the servers all the same, REFUSED, or SERVFAIL. */
export type WhenAllDown = (typeof WHEN_ALL_DOWN)[number];

/** Who may transfer the pool's zones (RFC 5936), and from which server. */
export interface ZoneTransfer {
  /** Name of the server that all transfers go to. */
  readonly primary: string;
  readonly allowFrom: readonly string[];
}

/** A pool and, after it, its fallback: in the order in which they serve. */
export function withFallback(pool: Pool): readonly Pool[] {
  return pool.fallback === undefined ? [pool] : [pool, pool.fallback];
}
