import { type Duration, toMilliseconds } from "../core/duration.js";
import type { PacketCache } from "../model/packet-cache.js";
import type { Pool } from "../model/pool.js";
import { boolean, duration, integer } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { type Field, object, withDefault } from "../terraform/schema.js";
import type { Balance, BalanceByTransport } from "./balance.js";

/**
 * How answers of a pool are kept on each node, so that its servers are not asked again while they hold (RFC 1035, section
 * 7.4). A cache is empty when dnsdist starts, and a change of the servers or of anything else but the cache leaves it as it
 * is. What was answered over UDP and over inspected TCP is kept apart; the direct TCP path has no cache.
 *
 * An answer is given again to a query that is the same in all but its id and the case of its name: name, type, class, flags,
 * and EDNS options, with cookies (RFC 7873) and client subnets (RFC 7871). Clients whose queries have cookies therefore find
 * only what they have asked themselves. Kept are answers to queries alone, of up to 4,096 bytes, that have a TTL.
 */
export interface PacketCacheOptions {
  /**
   * The most answers in the cache, between 100 and 10,000,000. One that is nine tenths full forgets what has expired; one that
   * is full of what holds is emptied, once in a minute at most. An answer takes 300 bytes of a node's memory if it is small,
   * 5 KiB at most.
   * @default 100_000
   */
  readonly entries?: number;
  /**
   * The longest time for which an answer is kept, whatever its TTL, between `"1s"` and `"7d"`. Failures (SERVFAIL, REFUSED)
   * are kept for a second.
   * @default "1d"
   */
  readonly maximumTtl?: Duration;
  /**
   * The shortest TTL of an answer that is kept, between `"0s"` and `"1h"`.
   * @default "0s"
   */
  readonly minimumTtl?: Duration;
  /**
   * Gives answers for up to 30 seconds after their end while all servers of the pool, and of its fallback, are down (RFC
   * 8767); what is not in the cache is answered by SERVFAIL. Needs `whenAllDown: "servfail"`.
   * @default false
   */
  readonly serveStale?: boolean;
}

/** The schema of a cache. */
export const PACKET_CACHE: Field<PacketCacheOptions, PacketCache> = object<PacketCacheOptions>()({
  entries: withDefault(integer(100, 10_000_000), 100_000),
  maximumTtl: withDefault(duration("1s", "7d"), "1d"),
  minimumTtl: withDefault(duration("0s", "1h"), "0s"),
  serveStale: withDefault(boolean, false),
});

/** What of a pool decides whether it can have a cache. */
interface Cached extends Partial<Pick<Pool, "clientAddress" | "whenAllDown">> {
  readonly cache?: PacketCacheOptions;
  readonly balance?: Balance | BalanceByTransport;
}

/** Reports contradictions in the cache of a pool. */
export function checkCache({ cache, clientAddress, whenAllDown, balance }: Cached, report: Report): void {
  if (cache === undefined) return;
  if (clientAddress === "proxy-protocol") {
    report(
      "DNSLB113",
      ["cache"],
      "cannot go with clientAddress \"proxy-protocol\": servers that see the address of a client may answer by it, and the cache would give that answer to others; leave out 'cache', or hide the client's address",
    );
  }
  const balances = balance === undefined || "kind" in balance ? [balance] : [balance.udp, balance.tcp];
  if (balances.some((each) => each?.kind === "source-hash")) {
    report(
      "DNSLB113",
      ["cache"],
      "cannot go with Balance.sourceHash(): each client has a server of its own, and the cache would give it what others heard from theirs; leave out 'cache', or give the pool another balance, such as Balance.leastConnections()",
    );
  }
  const { minimumTtl, maximumTtl, serveStale } = cache;
  if (minimumTtl && maximumTtl && toMilliseconds(minimumTtl) > toMilliseconds(maximumTtl)) {
    report(
      "DNSLB113",
      ["cache", "minimumTtl"],
      `must not be longer than 'maximumTtl', "${maximumTtl}", got "${minimumTtl}"`,
    );
  }
  if (serveStale && whenAllDown !== "servfail") {
    report(
      "DNSLB113",
      ["cache", "serveStale"],
      `needs whenAllDown "servfail", got "${whenAllDown}", which is not left to the cache; set it, or leave out 'serveStale'`,
    );
  }
}
