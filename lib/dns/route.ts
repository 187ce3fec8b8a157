import { canonicalDomainName, isInZone } from "../core/names.js";
import type { QueryType } from "../model/query-kind.js";
import type * as model from "../model/route.js";
import { network } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { construct, domainName } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { extended } from "../terraform/readable.js";
import { type Filled, listOf, object, optional } from "../terraform/schema.js";
import { checkDuplicates } from "./duplicates.js";
import { type IPool, POOL } from "./pool.js";
import { queryType } from "./query-kind.js";

/** A pool for some of the queries of a frontend. */
export interface Route {
  /** The pool that answers. */
  readonly pool: IPool;
  /** The networks of the clients; none for every client. */
  readonly from: readonly string[];
  /** The query names, and every name below them; none for every name. */
  readonly names: readonly string[];
  /** The query types; none for every type. */
  readonly types: readonly (QueryType | number)[];
}

/** Options for `Route.toPool()`: conditions, which must all match; at least one is required. */
export interface RouteOptions {
  /**
   * The query names, and every name below them.
   * @default - every name
   */
  readonly names?: readonly string[];
  /**
   * The query types, by name or by number.
   * @default - every type
   */
  readonly types?: readonly (QueryType | number)[];
  /**
   * The networks of the clients.
   * @default - every client
   */
  readonly from?: readonly string[];
}

/** Leads some queries of a frontend to another pool. */
export const Route = {
  /**
   * Leads the queries that match to a pool, which answers with its own health checks, balance and fallback. Of several
   * routes that match, the one with the longest name decides, then the one that is listed first.
   */
  toPool(pool: IPool, options: RouteOptions): Route {
    const { from = [], names = [], types = [], pool: target } = parseOptions(TO_POOL, extended(options, { pool }));
    return factoryMade("Route", { pool: target, from, names, types });
  },
} as const;

/** The model of a route. */
export function routeModel({ pool, ...conditions }: Route): model.Route {
  return { pool: pool[POOL], ...conditions };
}

interface ToPool extends RouteOptions {
  readonly pool: IPool;
}

const SCHEMA = object<ToPool>()({
  pool: construct<IPool>(["ResolverPool", "AuthoritativePool"], "a ResolverPool or an AuthoritativePool"),
  names: optional(listOf(domainName)),
  types: optional(listOf(queryType)),
  from: optional(listOf(network)),
});

const TO_POOL = input({ name: "Route.toPool()", schema: SCHEMA, check });

function check({ names, types, from, pool }: Filled<typeof SCHEMA>, report: Report): void {
  for (const [property, list] of Object.entries({ names, types, from })) {
    if (list?.length === 0) {
      report("DNSLB111", [property], "must not be an empty list; leave it out to match everything");
    }
  }
  if (names === undefined && types === undefined && from === undefined) {
    const message =
      "Route.toPool() would lead every query to the pool; give 'names', 'types' or 'from', or make the pool that of the frontend";
    report("DNSLB117", [], message);
  }
  for (const [index, name] of (names ?? []).entries()) {
    if (name === ".") report("DNSLB117", ["names", index], "matches every name, got \".\"; leave 'names' out for that");
  }
  checkDuplicates("names", names ?? [], canonicalDomainName, report);
  checkZones(names ?? [], pool[POOL].zones, report);
}

/** Reports names that are in no zone of an authoritative pool, whose servers refuse them. */
function checkZones(names: readonly string[], zones: readonly string[], report: Report): void {
  if (zones.length === 0) return;
  for (const [index, name] of names.entries()) {
    if (name === "." || zones.some((zone) => isInZone(canonicalDomainName(name), zone))) continue;
    const listed = zones.map((zone) => JSON.stringify(zone)).join(", ");
    report(
      "DNSLB113",
      ["names", index],
      `must be in a zone of the pool (${listed}), whose servers refuse all others, got "${name}"; name the zones, or lead it to a ResolverPool`,
    );
  }
}
