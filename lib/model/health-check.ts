import { type Duration, toMilliseconds } from "../core/duration.js";
import { addressBytes } from "../core/ip.js";
import { ASKING_TIME, DNSDIST_ROUND } from "./probe-times.js";

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

/** The most runs of scripts at a time on a node. The agent has as many places for them. */
export const MOST_SCRIPT_RUNS = 32;
/** The largest script, in bytes. */
export const LARGEST_SCRIPT = 65_536;

/**
 * How a server is probed: it must answer a query as expected, on each transport separately, or accept a TCP connection, or a
 * script says whether it serves. The question of a check by TCP or by a script is that of dnsdist's own probe, which decides
 * nothing while there is a verdict, and of peers.
 */
export interface HealthCheck {
  readonly kind: "query" | "tcp" | "external";
  /** The text of the script; of that kind only. */
  readonly script?: string;
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

/** The longest time, in milliseconds, that a hung server still gets queries. */
export function detectionTime(check: HealthCheck): number {
  const asking = check.kind === "external" ? ASKING_TIME : 0;
  return toMilliseconds(check.interval) * check.fall + toMilliseconds(check.timeout) + DNSDIST_ROUND + asking;
}

/** How many runs of the script of a check there are at a time, if each takes all of its time on each of `servers` servers. */
export function scriptRuns(check: HealthCheck, servers: number): number {
  return (servers * toMilliseconds(check.timeout)) / toMilliseconds(check.interval);
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
