import { toMilliseconds } from "../core/duration.js";
import type { ParsedRate, Rate } from "../core/rate.js";
import type * as model from "../model/rate-limit.js";
import { factoryMade } from "../terraform/brand.js";
import { integer, RATE } from "../terraform/fields.js";
import { input, parseOptions } from "../terraform/parse.js";
import { object, oneOf, optional, parsed, show, withDefault } from "../terraform/schema.js";

/** The limits of one client at a frontend. */
export type RateLimit = model.RateLimit;

/** Options for `RateLimit.perClient()`. */
export interface ClientRateLimitOptions {
  /**
   * Queries on all transports together. Must give a whole number per second, the unit of dnsdist: `"50/10s"` is 5 per
   * second. The frontend inspects TCP then.
   * @default - no limit
   * @see https://www.dnsdist.org/rules-actions.html#MaxQPSIPRule
   */
  readonly queries?: Rate;
  /**
   * What happens to queries beyond the rate: `"truncate"` sends UDP clients to TCP and refuses on TCP.
   * @default "truncate"
   */
  readonly exceeded?: RateLimit["exceeded"];
  /**
   * New TCP and TLS connections; the period is at most `"12d"`.
   * @default - no limit
   */
  readonly connections?: Rate;
  /**
   * TCP and TLS connections open at once, on all listeners of the frontend together.
   * @default - no limit on a listener that is less than half full; then 5 % of its connections, at least 100
   */
  readonly concurrentConnections?: number;
}

/** Makes rate limits for the clients of a frontend. */
export const RateLimit = {
  /** Limits each client (an IPv4 address, an IPv6 /64) separately. */
  perClient(options: ClientRateLimitOptions): RateLimit {
    return factoryMade("RateLimit", parseOptions(PER_CLIENT, options));
  },
} as const;

/** HAProxy's timers hold 2^31-1 ms, and it remembers a client for two periods; in whole days. */
const LONGEST_PERIOD = toMilliseconds("12d");

const PER_CLIENT = input({
  name: "RateLimit.perClient()",
  schema: object<ClientRateLimitOptions>()({
    queries: optional(
      parsed<Rate, ParsedRate>({
        ...RATE,
        read: (value) => {
          const rate = RATE.read(value);
          return rate !== undefined && Number.isInteger(perSecond(rate)) ? rate : undefined;
        },
        refusal: fractionOfQueries,
      }),
    ),
    exceeded: withDefault(oneOf<RateLimit["exceeded"]>({ truncate: true, drop: true, refuse: true }), "truncate"),
    connections: optional(
      parsed<Rate, ParsedRate>({
        ...RATE,
        read: (value) => {
          const rate = RATE.read(value);
          return rate !== undefined && rate.period <= LONGEST_PERIOD ? rate : undefined;
        },
        refusal: (value) =>
          RATE.read(value) === undefined
            ? undefined
            : `must have a period of at most "12d", the longest that HAProxy can count, got ${show(value)}`,
      }),
    ),
    concurrentConnections: optional(integer(1, 1_000_000)),
  }),
  check: ({ queries, connections, concurrentConnections }, report) => {
    if (queries === undefined && connections === undefined && concurrentConnections === undefined) {
      report(
        "DNSLB117",
        [],
        "RateLimit.perClient() limits nothing; give 'queries', 'connections' or 'concurrentConnections'",
      );
    }
  },
});

function perSecond({ events, period }: ParsedRate): number {
  return (events * 1_000) / period;
}

/** The error for a rate that is not a whole number per second. */
function fractionOfQueries(value: unknown): string | undefined {
  const rate = RATE.read(value);
  if (rate === undefined) return undefined;
  const given = perSecond(rate);
  const [below, above] = [Math.floor(given), Math.ceil(given)];
  const fix = [...(below > 0 ? [`"${below}/s"`] : []), `"${above}/s"`].join(" or ");
  return `must be a whole number per second, got "${rate.text}", which is ${Number(given.toFixed(3))} per second; write ${fix}`;
}
