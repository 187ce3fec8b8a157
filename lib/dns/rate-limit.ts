import { toMilliseconds } from "../core/duration.js";
import { coversFamily } from "../core/ip.js";
import {
  type ByteRate,
  type ParsedByteRate,
  type ParsedRate,
  parseByteRate,
  perSecond,
  type Rate,
} from "../core/rate.js";
import { type Size, toBytes } from "../core/size.js";
import type * as model from "../model/rate-limit.js";
import { clientNetwork } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { integer, RATE } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, oneOf, optional, parsed, show, withDefault } from "../terraform/schema.js";

/** The limits of one client at a frontend. */
export type RateLimit = model.RateLimit;

/** Prefix lengths for `per` of `RateLimit.perClient()`. */
export interface ClientPrefixOptions {
  /**
   * The prefix length of IPv4 networks that count as one client, between 1 and 32.
   * @default 32
   */
  readonly ipv4?: number;
  /**
   * The prefix length of IPv6 networks that count as one client, between 1 and 128. The default is the smallest that is
   * given to a site (RFC 6177); some providers give each subscriber a /56.
   * @default 64
   */
  readonly ipv6?: number;
}

/** Options for `RateLimit.perClient()`. */
export interface ClientRateLimitOptions {
  /**
   * What one client is: all addresses of a network with such a prefix share the limits. An IPv4 address and an IPv6 /64,
   * unless something else is given.
   * @default {}
   */
  readonly per?: ClientPrefixOptions;
  /**
   * Networks whose clients have none of these limits and are not counted, such as monitoring or secondaries.
   * @default - every client is limited
   */
  readonly exempt?: readonly string[];
  /**
   * Queries on all transports together; with `exceeded: "truncate"` those over TCP and TLS have a count of their own. Must
   * give a whole number per second, the unit of dnsdist: `"50/10s"` is 5 per second. The frontend inspects TCP then.
   * @default - no limit
   * @see https://www.dnsdist.org/rules-actions.html#MaxQPSIPRule
   */
  readonly queries?: Rate;
  /**
   * How many queries may come at once after a pause: up to those of 300 s, for which dnsdist remembers a client. Goes with
   * `queries`.
   * @default - the queries of one period: 50 with `"50/10s"`
   */
  readonly burst?: number;
  /**
   * What happens to queries beyond the rate: `"truncate"` sends UDP clients to TCP and refuses on TCP, `"refuse"` answers
   * REFUSED, `"drop"` answers nothing, which over TCP and TLS ends the connection. Goes with `queries`: connections beyond
   * a limit are closed before there is a query.
   * @default - `"truncate"`
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
  /**
   * Bytes of answers over TCP and TLS, on all listeners of the frontend together: `"10m/10s"` is 10 MiB in 10 seconds. At
   * least 64 KiB, the longest message, per second, and at most `"1g"` in a period and in a second. HAProxy 3.0 sends a client no faster
   * than that, averaged over a second; HAProxy 2.6 closes new connections of a client that got as much in the last period,
   * and ends or slows none that is open.
   * @default - no limit
   * @see https://docs.haproxy.org/3.0/configuration.html#9.7
   */
  readonly bytesOut?: ByteRate;
}

/** Makes rate limits for the clients of a frontend. */
export const RateLimit = {
  /** Limits each client (by default an IPv4 address, an IPv6 /64) separately. */
  perClient(options: ClientRateLimitOptions): RateLimit {
    const { exceeded = "truncate", ...limits } = parseOptions(PER_CLIENT, options);
    return factoryMade("RateLimit", { ...limits, exceeded });
  },
} as const;

/** HAProxy's timers hold 2^31-1 ms, and it remembers a client for two periods; in whole days. */
const LONGEST_PERIOD = toMilliseconds("12d");
/** Seconds for which dnsdist remembers a client without queries at most. */
const LONGEST_MEMORY = 300;
/** A DNS message over TCP has no more bytes. */
const LONGEST_MESSAGE = 65_536;
/* HAProxy counts up to 4 GiB in a period, also of connections that are open when the limit is reached. */
const MOST_BYTES: Size = "1g";

const SCHEMA = object<ClientRateLimitOptions>()({
  per: withDefault(
    object<ClientPrefixOptions>()({
      ipv4: withDefault(integer(1, 32), 32),
      ipv6: withDefault(integer(1, 128), 64),
    }),
    {},
  ),
  exempt: withDefault(listOf(clientNetwork), []),
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
  burst: optional(integer(1, 1_000_000_000)),
  exceeded: optional(oneOf<RateLimit["exceeded"]>({ truncate: true, drop: true, refuse: true })),
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
  bytesOut: optional(
    parsed<ByteRate, ParsedByteRate>({
      code: "DNSLB108",
      type: "string",
      allowed: 'an amount of memory per time span, such as "10m/10s" or "512k/s"',
      read: (value) => {
        const rate = byteRate(value);
        return rate !== undefined && wrongBytes(rate) === undefined ? rate : undefined;
      },
      refusal: (value) => {
        const rate = byteRate(value);
        return rate === undefined ? undefined : wrongBytes(rate);
      },
    }),
  ),
});

const PER_CLIENT = input({ name: "RateLimit.perClient()", schema: SCHEMA, check });

function check(options: Filled<typeof SCHEMA>, report: Report): void {
  const { queries, connections, concurrentConnections, bytesOut } = options;
  if ([queries, connections, concurrentConnections, bytesOut].every((limit) => limit === undefined)) {
    report(
      "DNSLB117",
      [],
      "RateLimit.perClient() limits nothing; give 'queries', 'connections', 'concurrentConnections' or 'bytesOut'",
    );
    return;
  }
  checkQueries(options, report);
  checkExempt(options, report);
}

function checkQueries({ queries, burst, exceeded }: Filled<typeof SCHEMA>, report: Report): void {
  if (queries === undefined) {
    const fix = "leave it out, or limit 'queries'; connections beyond a limit are closed before there is a query";
    if (burst !== undefined) report("DNSLB113", ["burst"], `is for queries, which are not limited; ${fix}`);
    if (exceeded !== undefined) report("DNSLB113", ["exceeded"], `is for queries, which are not limited; ${fix}`);
    return;
  }
  const rate = RATE.read(queries);
  if (rate === undefined || burst === undefined) return;
  const most = Math.floor(perSecond(rate) * LONGEST_MEMORY);
  if (burst <= most) return;
  report(
    "DNSLB113",
    ["burst"],
    `must be at most ${most} with "${rate.text}", got ${burst}: dnsdist forgets a client that is silent for ${LONGEST_MEMORY} s, and then lets the whole burst pass again`,
  );
}

function checkExempt({ exempt }: Filled<typeof SCHEMA>, report: Report): void {
  const all = (["ipv4", "ipv6"] as const).every((family) => coversFamily(valid(exempt), family));
  if (all) report("DNSLB113", ["exempt"], "exempts every client, so that nothing is limited; leave the limits out");
}

function valid(networks: readonly string[]): readonly string[] {
  return networks.filter((each) => clientNetwork.safeParse(each).success);
}

function byteRate(value: unknown): ParsedByteRate | undefined {
  return typeof value === "string" ? parseByteRate(value) : undefined;
}

/** What is wrong with a rate of bytes. */
function wrongBytes({ bytes, period, text }: ParsedByteRate): string | undefined {
  if (bytes > toBytes(MOST_BYTES)) {
    return `must be at most "${MOST_BYTES}" in a period, got "${text}"; choose a shorter period`;
  }
  const second = (bytes * 1_000) / period;
  if (second > toBytes(MOST_BYTES)) return `must be at most "${MOST_BYTES}/s", got "${text}"`;
  if (second >= LONGEST_MESSAGE) return undefined;
  return `must be at least "64k/s", the length of the longest DNS message in a second, got "${text}", which is ${Math.floor(second)} bytes a second`;
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
