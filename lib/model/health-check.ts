import { type Duration, toMilliseconds } from "../core/duration.js";

/** The record types that a probe can ask for. */
export const PROBE_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
/** A record type that a probe can ask for. */
export type ProbeType = (typeof PROBE_TYPES)[number];

/**
 * How a server proves that it is alive: a real query that it must answer with NOERROR, on every transport by itself.
 * A mere connection proves nothing (a hung daemon's kernel still accepts), and dnsdist cannot check by one.
 */
export interface HealthCheck {
  readonly kind: "query";
  /** Fully qualified, with the final dot. */
  readonly name: string;
  readonly type: ProbeType;
  readonly recursionDesired: boolean;
  /** Whole seconds, because dnsdist counts in them. */
  readonly interval: Duration;
  readonly timeout: Duration;
  /** Failures in a row that take a server down. */
  readonly fall: number;
  /** Successes in a row that bring it back. */
  readonly rise: number;
}

/** The longest that a server which went silent still gets queries, in milliseconds; one second is dnsdist's clock. */
export function detectionTime(check: HealthCheck): number {
  return toMilliseconds(check.interval) * check.fall + toMilliseconds(check.timeout) + 1_000;
}
