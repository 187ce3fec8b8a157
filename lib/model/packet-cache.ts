import type { Duration } from "../core/duration.js";

/** A cache of the answers of a pool, on each node. */
export interface PacketCache {
  /** The most answers in it. */
  readonly entries: number;
  /** How long an answer stays at most. */
  readonly maximumTtl: Duration;
  /** Answers with a shorter TTL are not kept. */
  readonly minimumTtl: Duration;
  /** Whether answers that have expired are given while all servers are down. */
  readonly serveStale: boolean;
}

/** Seconds after its end for which an answer may still be given while all servers are down. */
export const LONGEST_STALE = 30;
