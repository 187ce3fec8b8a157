import { type Duration, toMilliseconds } from "../core/duration.js";

/** The record types that a probe can ask for. */
export const PROBE_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
/** A record type that a probe can ask for. */
export type ProbeType = (typeof PROBE_TYPES)[number];

/**
 * How a server is probed: it must answer a query with NOERROR, on each transport separately. A TCP connect is no probe:
 * the kernel accepts connections for a hung daemon, and dnsdist cannot probe by connect.
 */
export interface HealthCheck {
  readonly kind: "query";
  /** Fully qualified, with the final dot. */
  readonly name: string;
  readonly type: ProbeType;
  readonly recursionDesired: boolean;
  /** Whole seconds: dnsdist has no smaller unit. */
  readonly interval: Duration;
  readonly timeout: Duration;
  /** Failed probes in a row after which a server is down. */
  readonly fall: number;
  /** Successful probes in a row after which it is up again. */
  readonly rise: number;
}

/**
 * The longest time, in milliseconds, that a hung server still gets queries; one second is dnsdist's timer resolution.
 */
export function detectionTime(check: HealthCheck): number {
  return toMilliseconds(check.interval) * check.fall + toMilliseconds(check.timeout) + 1_000;
}
