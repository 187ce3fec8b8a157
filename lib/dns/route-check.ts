import { canonicalCidr, cidrWithin, coversFamily, EVERYBODY } from "../core/ip.js";
import { clientsOf } from "../model/frontend.js";
import { typeNumber } from "../model/query-kind.js";
import type { Report } from "../terraform/parse.js";
import { type IPool, POOL } from "./pool.js";
import type { Route } from "./route.js";

/** The properties of a frontend on which its routes depend. */
interface Routed {
  readonly pool: IPool;
  readonly routes: readonly Route[];
  readonly allowFrom?: readonly string[];
}

/** Reports routes that can never decide, and those that open resolvers to the world. */
export function checkRoutes(props: Routed, report: Report): void {
  checkShadows(props.routes, report);
  checkOpen(props, report);
}

/** A route is shadowed, for one of its names or as one without, by one before it that matches as much or more. */
function checkShadows(routes: readonly Route[], report: Report): void {
  for (const [index, route] of routes.entries()) {
    for (const name of namesOf(route)) {
      const first = routes
        .slice(0, index)
        .findIndex((each) => namesOf(each).includes(name) && coversClients(each, route) && coversTypes(each, route));
      if (first < 0) continue;
      const what = name === undefined ? "decides" : `decides about ${JSON.stringify(name)}`;
      const message = `never ${what}, because routes[${first}] comes first and matches all that it does; leave out one of the two`;
      report("DNSLB112", ["routes", index], message);
    }
  }
}

function namesOf({ names }: Route): readonly (string | undefined)[] {
  return names.length === 0 ? [undefined] : names;
}

function coversTypes(outer: Route, inner: Route): boolean {
  if (outer.types.length === 0) return true;
  const numbers = outer.types.map(typeNumber);
  return inner.types.length > 0 && inner.types.every((type) => numbers.includes(typeNumber(type)));
}

function coversClients(outer: Route, inner: Route): boolean {
  if (outer.from.length === 0) return true;
  return inner.from.length > 0 && inner.from.every((network) => outer.from.some((each) => cidrWithin(network, each)));
}

/** Resolvers of a route need clients that are named, as those of a frontend do (RFC 5358). */
function checkOpen({ pool, routes, allowFrom = EVERYBODY }: Routed, report: Report): void {
  // Of a resolver frontend, what is wrong with `allowFrom` is told already.
  if (pool[POOL].role === "resolver") return;
  const networks = allowFrom.filter((cidr) => canonicalCidr(cidr) !== undefined);
  for (const [index, route] of routes.entries()) {
    if (route.pool[POOL].role !== "resolver") continue;
    const clients = clientsOf(networks, route.from);
    if (!(["ipv4", "ipv6"] as const).some((family) => coversFamily(clients, family))) continue;
    const message =
      "must not open resolvers to the world (RFC 5358); give the route the networks of your clients as 'from', or the frontend as 'allowFrom'";
    report("DNSLB114", ["routes", index], message);
  }
}
