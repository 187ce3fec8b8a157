import { coversFamily, hostPort } from "../core/ip.js";
import type { AccessRule } from "../model/access-rule.js";
import type { Balance } from "../model/balance.js";
import type { HealthCheck } from "../model/health-check.js";
import type { PacketCache } from "../model/packet-cache.js";
import { balanceOf, minimumUpOf, type Pool } from "../model/pool.js";
import type { PoolMember } from "../model/pool-member.js";
import type { RateLimit } from "../model/rate-limit.js";
import type { Route } from "../model/route.js";
import type { Secret } from "../model/secret.js";

/*
 * Values of the model in words, the same in pictures, pages and comparisons.
 */

/** A time as people say it: `12 s`, `605 ms`, `1,005 ms`; of more than ten seconds, the tenth above. */
export function timeText(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  const isRound = rounded >= 1_000 && rounded % 100 === 0;
  return isRound || rounded >= 10_000 ? `${Math.ceil(rounded / 100) / 10} s` : `${countText(rounded)} ms`;
}

/** A number with commas between its thousands. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number of things. */
export function numbered(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Whether networks hold every client. */
export function isEverybody(networks: readonly string[]): boolean {
  return (["ipv4", "ipv6"] as const).every((family) => coversFamily(networks, family));
}

const BALANCES: Readonly<Record<Balance["kind"], string>> = {
  "least-connections": "least busy",
  "round-robin": "round robin",
  random: "random",
  "source-hash": "by client",
  first: "first that is up",
};

/** How a pool picks servers over one transport. */
export function pickText(pool: Pool, transport: "udp" | "tcp"): string {
  return BALANCES[balanceOf(pool, transport).kind];
}

/** How a pool picks servers. */
export function balanceText(pool: Pool): string {
  const [udp, tcp] = [pickText(pool, "udp"), pickText(pool, "tcp")];
  return udp === tcp ? udp : `UDP ${udp}, TCP ${tcp}`;
}

/** What servers are asked, or what is done to them. */
export function probeText({ kind, type, name, randomLabel }: HealthCheck): string {
  switch (kind) {
    case "query":
      return `asks ${type} ${randomLabel === true ? "*." : ""}${name}`;
    case "tcp":
      return "connects by TCP";
    case "external":
      return "runs a script";
  }
}

/** When a server counts as down, and as up again. */
export function judgementText({ interval, timeout, fall, rise }: HealthCheck): string {
  return `every ${interval}, within ${timeout}; down after ${fall}, up after ${rise}`;
}

/** What happens while no server of a pool is left, or too few are. */
export function whenDownText(pool: Pool): string {
  const then = { "try-all": "tries them all the same", refuse: "answers REFUSED", servfail: "answers SERVFAIL" };
  const fewest = minimumUpOf(pool);
  const condition = fewest > 1 ? `fewer than ${fewest} up` : "all down";
  const few = fewest > 1 && pool.belowMinHealthy === "try-all" ? "tries them all the same; all down: " : "";
  const last = then[pool.whenAllDown];
  return `${condition}: ${few}${pool.fallback === undefined ? last : `uses ${pool.fallback.name}, else ${last}`}`;
}

/** What a cache keeps. */
export function cacheText({ entries, maximumTtl, serveStale }: PacketCache): string {
  return `keeps ${countText(entries)} answers up to ${maximumTtl}${serveStale ? ", also stale ones" : ""}`;
}

/** What one client is, for limits. */
export function clientText({ ipv4, ipv6 }: RateLimit["per"]): string {
  return `/${ipv4} of IPv4, /${ipv6} of IPv6`;
}

/** A limit of clients. */
export interface LimitText {
  /** The property that asks for it. */
  readonly property: "queries" | "connections" | "concurrentConnections" | "bytesOut";
  readonly text: string;
}

/** The limits of one client. */
export function limitTexts(limit: RateLimit | undefined): readonly LimitText[] {
  if (limit === undefined) return [];
  const { queries, burst, exceeded, connections, concurrentConnections, bytesOut } = limit;
  return [
    ...(queries === undefined
      ? []
      : [
          {
            property: "queries" as const,
            text: `${queries.text} queries${burst === undefined ? "" : `, ${countText(burst)} at once`}, then ${exceeded}`,
          },
        ]),
    ...(connections === undefined
      ? []
      : [{ property: "connections" as const, text: `${connections.text} new connections` }]),
    ...(concurrentConnections === undefined
      ? []
      : [
          {
            property: "concurrentConnections" as const,
            text: `${numbered(concurrentConnections, "connection")} at once`,
          },
        ]),
    ...(bytesOut === undefined ? [] : [{ property: "bytesOut" as const, text: `${bytesOut.text} bytes of answers` }]),
  ];
}

const ACTIONS: Readonly<Record<AccessRule["action"], string>> = {
  refuse: "refuse",
  drop: "drop",
  truncate: "send to TCP",
  "minimal-any": "answer ANY briefly",
};

/** The queries of a rule or a route: `names a.example. of types ANY from 192.0.2.0/24`. */
export function selectionText({
  names,
  types,
  from,
  classes = [],
  opcodes = [],
}: Pick<AccessRule, "names" | "types" | "from" | "classes" | "opcodes">): string {
  const part = (word: string, values: readonly (string | number)[]) =>
    values.length === 0 ? [] : [`${word} ${values.slice(0, MOST_VALUES).join(" ")}${rest(values)}`];
  const parts = [
    ...part("names", names),
    ...part("types", types),
    ...part("classes", classes),
    ...part("opcodes", opcodes),
    ...part("from", from),
  ];
  return parts.length === 0 ? "all" : parts.join(", ");
}

/* More values of one condition are counted. */
const MOST_VALUES = 4;

function rest(values: readonly unknown[]): string {
  return values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : "";
}

/** An access rule: `refuse names a.example., extended error blocked: ask us`. */
export function accessRuleText(rule: AccessRule): string {
  const { action, extendedError, ttl } = rule;
  const { code, text } = extendedError ?? {};
  return [
    `${ACTIONS[action]} ${selectionText(rule)}`,
    ...(code === undefined ? [] : [`extended error ${code}${text === undefined ? "" : `: ${text}`}`]),
    ...(ttl === undefined ? [] : [`TTL ${ttl}`]),
  ].join(", ");
}

/** A route, without its pool. */
export function routeText({ names, types, from }: Route): string {
  return selectionText({ names, types, from });
}

/** A server. */
export function serverText({ name, address, port, weight, tls }: PoolMember): string {
  const traits = [...(tls === undefined ? [] : [`TLS ${tls.name}`]), ...(weight === 1 ? [] : [`×${weight}`])];
  return [name, hostPort(address, port), ...traits].join(" ");
}

/** Where a secret comes from; never what it is. */
export function secretText(secret: Secret): string {
  switch (secret.kind) {
    case "variable":
      return `Terraform variable ${secret.name}`;
    case "ephemeral":
      return `ephemeral value, version ${secret.version}`;
    case "local-file":
      return `file ${secret.path}`;
    case "node-file":
      return `file of the node ${secret.path}`;
  }
}
