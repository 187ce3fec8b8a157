import { type Duration, toMilliseconds } from "../core/duration.js";
import { addressBytes } from "../core/ip.js";

/** The record types that a probe can ask for. */
export const PROBE_TYPES = ["A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
/** A record type that a probe can ask for. */
export type ProbeType = (typeof PROBE_TYPES)[number];

/** The digits of a random label. */
export const RANDOM_LABEL_DIGITS = 8;

/** The RCODEs that a probe can expect. */
export const PROBE_RCODES = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const;
/** An RCODE that a probe can expect. */
export type ProbeRcode = keyof typeof PROBE_RCODES;

/** The answer of a healthy server to its probe. */
export interface ExpectedAnswer {
  readonly rcodes: readonly ProbeRcode[];
  /** Whether NOERROR must come with a record of the probe's type, or a CNAME, under the probe's name. */
  readonly answer: "required" | "optional";
  /** The data of a record that must be among the answers, as in a zone file. */
  readonly value?: string;
  /** Whether NOERROR must come with AA. */
  readonly authoritative: boolean;
}

/**
 * How a server is probed: it must answer a query as expected, on each transport separately, or accept a TCP connection. The
 * question of a check by TCP is that of dnsdist's own probe, which decides nothing, and of peers.
 */
export interface HealthCheck {
  readonly kind: "query" | "tcp";
  /** Fully qualified, with the final dot. */
  readonly name: string;
  readonly type: ProbeType;
  readonly recursionDesired: boolean;
  /** Whether the probe sets the CD bit. */
  readonly checkingDisabled?: boolean;
  /** Whether each probe asks for a new label of `RANDOM_LABEL_DIGITS` random digits in front of the name. */
  readonly randomLabel?: boolean;
  /** Whole seconds: dnsdist has no smaller unit. */
  readonly interval: Duration;
  readonly timeout: Duration;
  /** Failed probes in a row after which a server is down. */
  readonly fall: number;
  /** Successful probes in a row after which it is up again. */
  readonly rise: number;
  readonly expect: ExpectedAnswer;
}

/**
 * The longest time, in milliseconds, that a hung server still gets queries; one second is dnsdist's timer resolution.
 */
export function detectionTime(check: HealthCheck): number {
  return toMilliseconds(check.interval) * check.fall + toMilliseconds(check.timeout) + 1_000;
}

/** The data of a record, in hexadecimal, from its text as in a zone file; undefined if no such data can be expected. */
export function answerData(type: ProbeType, value: string): string | undefined {
  switch (type) {
    case "A":
    case "AAAA": {
      const bytes = addressBytes(value);
      return bytes?.length === (type === "A" ? 4 : 16) ? Buffer.from(bytes).toString("hex") : undefined;
    }
    case "TXT":
      if (!/^[ -~]{1,255}$/.test(value)) return undefined;
      return Buffer.from([value.length]).toString("hex") + Buffer.from(value, "ascii").toString("hex");
    default:
      return undefined;
  }
}
