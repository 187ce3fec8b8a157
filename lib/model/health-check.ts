import type { Duration } from "../core/duration.js";

/** How a server proves that it is alive; compiled for every daemon in `node/compile/probe.ts`. */
export type HealthCheck = QueryHealthCheck | TcpHealthCheck | NoHealthCheck;

export const RECORD_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
export type ProbeType = (typeof RECORD_TYPES)[number];

interface Thresholds {
  readonly interval: Duration;
  readonly timeout: Duration;
  /** Failures in a row that take a server down. */
  readonly fall: number;
  /** Successes in a row that bring it back. */
  readonly rise: number;
}

/** A real query, answered with NOERROR by a living server. */
export interface QueryHealthCheck extends Thresholds {
  readonly kind: "query";
  /** Fully qualified, with the final dot. */
  readonly name: string;
  readonly type: ProbeType;
  readonly recursionDesired: boolean;
}

/** A TCP connection to the server's port; says nothing about DNS. */
export interface TcpHealthCheck extends Thresholds {
  readonly kind: "tcp";
}

/** The server is always believed to be up. */
export interface NoHealthCheck {
  readonly kind: "none";
}
