import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import type * as model from "../model/health-check.js";
import { factoryMade } from "../terraform/brand.js";
import { boolean, domainName, duration, integer, wholeSeconds } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { type Filled, object, oneOf, optional, withDefault } from "../terraform/schema.js";

/** How a server is probed. Without `recursionDesired`, the role of the pool decides. */
export type HealthCheck = Omit<model.HealthCheck, "recursionDesired"> & { readonly recursionDesired?: boolean };

/** Options for `HealthCheck.query()`. */
export interface QueryHealthCheckOptions {
  /** The name to query. */
  readonly name: string;
  /** The record type to query. */
  readonly type: model.ProbeType;
  /**
   * Whether the probe sets the RD bit (recursion desired).
   * @default - yes in a resolver pool, no in an authoritative one
   */
  readonly recursionDesired?: boolean;
  /**
   * The time between two probes of a server. Whole seconds: dnsdist has no smaller unit.
   * @default "2s"
   * @see https://www.dnsdist.org/guides/downstreams.html#healthcheck
   */
  readonly interval?: Duration;
  /**
   * How long to wait for the answer to a probe; shorter than the interval.
   * @default - "1s", or half the interval where that is shorter
   */
  readonly timeout?: Duration;
  /**
   * Failed probes in a row after which a server is down. Between 1 and 100.
   * @default 3
   */
  readonly fall?: number;
  /**
   * Successful probes in a row after which it is up again. Between 1 and 100.
   * @default 2
   */
  readonly rise?: number;
}

/** Makes health checks, which decide which servers of a pool get queries. */
export const HealthCheck = {
  /** Probes with a query on each transport separately; NOERROR is healthy. */
  query(options: QueryHealthCheckOptions): HealthCheck {
    const { interval, timeout = defaultTimeout(interval), ...rest } = parseOptions(QUERY, options);
    return factoryMade("HealthCheck", { kind: "query", ...rest, interval, timeout });
  },
} as const;

function defaultTimeout(interval: Duration): Duration {
  return toMilliseconds(interval) <= 1_000 ? `${Math.floor(toMilliseconds(interval) / 2)}ms` : "1s";
}

const SCHEMA = object<QueryHealthCheckOptions>()({
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
  recursionDesired: optional(boolean),
  interval: withDefault(wholeSeconds("1s", "1h"), "2s"),
  timeout: optional(duration("10ms", "1h")),
  fall: withDefault(integer(1, 100), 3),
  rise: withDefault(integer(1, 100), 2),
});

const QUERY = input({ name: "HealthCheck.query()", schema: SCHEMA, check: checkTimeout });

function checkTimeout({ interval, timeout }: Filled<typeof SCHEMA>, report: Report): void {
  if (timeout === undefined || !isDuration(timeout) || !isDuration(interval)) return;
  if (toMilliseconds(timeout) < toMilliseconds(interval)) return;
  report(
    "DNSLB113",
    ["timeout"],
    `must be shorter than the interval of "${interval}", got "${timeout}"; lower it or raise 'interval'`,
  );
}
