import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { canonicalDomainName } from "../core/names.js";
import type * as model from "../model/health-check.js";
import { factoryMade } from "../terraform/factory-made.js";
import { domainName, duration, integer } from "../terraform/fields.js";
import { type Input, parseOptions, type Report } from "../terraform/parse.js";
import { field, object, oneOf, optional } from "../terraform/schema.js";

/** How a server proves that it is alive. The role of the pool decides on recursion where this does not. */
export type HealthCheck = Omit<model.HealthCheck, "recursionDesired"> & { readonly recursionDesired?: boolean };

/** Options for `HealthCheck.query()`. */
export interface QueryHealthCheckOptions {
  /** The name to ask for. */
  readonly name: string;
  /** The record type to ask for. */
  readonly type: model.ProbeType;
  /**
   * Whether the probe asks for recursion (RD).
   * @default - yes in a resolver pool, no in an authoritative one
   */
  readonly recursionDesired?: boolean;
  /**
   * The time between two probes of a server. Whole seconds, because dnsdist counts in them.
   * @default "2s"
   * @see https://www.dnsdist.org/guides/downstreams.html#healthcheck
   */
  readonly interval?: Duration;
  /**
   * How long a server may take to answer; shorter than the interval.
   * @default - "1s", or half the interval where that is shorter
   */
  readonly timeout?: Duration;
  /**
   * Failures in a row that take a server down. Between 1 and 100.
   * @default 3
   */
  readonly fall?: number;
  /**
   * Successes in a row that bring it back. Between 1 and 100.
   * @default 2
   */
  readonly rise?: number;
}

/** Says how a server proves that it is alive. */
export const HealthCheck = {
  /** Sends a real query on every transport, and judges each by its own answers: NOERROR is healthy. */
  query(options: QueryHealthCheckOptions): HealthCheck {
    const { name, type, recursionDesired, interval = "2s", timeout, fall = 3, rise = 2 } = parseOptions(QUERY, options);
    return factoryMade({
      kind: "query",
      name: canonicalDomainName(name),
      type,
      ...(recursionDesired === undefined ? {} : { recursionDesired }),
      interval,
      timeout: timeout ?? defaultTimeout(interval),
      fall,
      rise,
    });
  },
} as const;

function defaultTimeout(interval: Duration): Duration {
  return toMilliseconds(interval) <= 1_000 ? `${Math.floor(toMilliseconds(interval) / 2)}ms` : "1s";
}

const QUERY: Input<QueryHealthCheckOptions> = {
  name: "HealthCheck.query()",
  schema: object<QueryHealthCheckOptions>({
    name: domainName,
    type: oneOf<model.ProbeType>({
      A: true,
      AAAA: true,
      CNAME: true,
      MX: true,
      NS: true,
      PTR: true,
      SOA: true,
      SRV: true,
      TXT: true,
    }),
    recursionDesired: optional(
      field<boolean>({ code: "DNSLB103", allowed: "true or false", accepts: (value) => typeof value === "boolean" }),
    ),
    interval: optional(
      field<Duration>({
        code: "DNSLB107",
        type: "string",
        allowed: 'a duration of whole seconds between "1s" and "1h"',
        accepts: (value) => typeof value === "string" && isDuration(value) && isWholeSeconds(toMilliseconds(value)),
        fix: (value) => (/^\d+$/.test(String(value)) ? `name the unit: "${value}s"` : undefined),
      }),
    ),
    timeout: optional(duration("10ms", "1h")),
    fall: optional(integer(1, 100)),
    rise: optional(integer(1, 100)),
  }),
  check: checkTimeout,
};

function isWholeSeconds(milliseconds: number): boolean {
  return milliseconds % 1_000 === 0 && milliseconds >= 1_000 && milliseconds <= 3_600_000;
}

function checkTimeout({ interval = "2s", timeout }: QueryHealthCheckOptions, report: Report): void {
  if (timeout === undefined || !isDuration(timeout) || !isDuration(interval)) return;
  if (toMilliseconds(timeout) < toMilliseconds(interval)) return;
  report(
    "DNSLB113",
    ["timeout"],
    `must be shorter than the interval of "${interval}", got "${timeout}"; lower it or raise 'interval'`,
  );
}
