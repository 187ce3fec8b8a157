import { cidrWithin, hostPort } from "../core/ip.js";
import { perSecond } from "../core/rate.js";
import type { RateLimit } from "../model/rate-limit.js";
import type { FrontendRecord, LoadBalancerRecord, PoolRecord, RouteRecord } from "../review/index.js";
import { accessRuleText, limitTexts, selectionText } from "../review/words.js";
import { code, codes } from "./markdown.js";
import { compareNamed } from "./named.js";

/** What a change means for clients. */
export interface ClientChanges {
  /** Who is refused, or not served any more. */
  readonly refused: readonly string[];
  /** Who is served now. */
  readonly served: readonly string[];
  readonly limits: readonly string[];
  readonly routes: readonly string[];
}

/** Compares whom the frontends serve, and how much of it. */
export function clientChanges(before: LoadBalancerRecord, after: LoadBalancerRecord): ClientChanges {
  const { added, removed, kept } = compareNamed(before.frontends, after.frontends, ({ name }) => name);
  const pools = compareNamed(before.pools, after.pools, ({ name }) => name).kept;
  return {
    refused: [
      ...removed.map((each) => `everybody at ${codes(placesOf(each))}, since frontend ${code(each.name)} is gone`),
      ...kept.flatMap(([old, now]) => refusedBy(old, now)),
      ...pools.flatMap(([old, now]) => operations(old, now)),
    ],
    served: [
      ...added.map(
        (each) => `${codes(each.allowFrom)} at ${codes(placesOf(each))}, by the new frontend ${code(each.name)}`,
      ),
      ...kept.flatMap(([old, now]) => servedBy(old, now)),
      ...pools.flatMap(([old, now]) => operations(now, old)),
    ],
    limits: kept.flatMap(([old, now]) => limitChanges(old, now)),
    routes: kept.flatMap(([old, now]) => routeChanges(old, now)),
  };
}

/** The addresses and ports of a frontend. */
function placesOf({ addresses, listeners }: FrontendRecord): readonly string[] {
  return addresses.flatMap((address) =>
    listeners.map(({ kind, port }) => `${hostPort(address, port)}${kind === "dns" ? "" : " (TLS)"}`),
  );
}

function refusedBy(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const at = `at ${code(now.name)}`;
  const gone = placesOf(old).filter((place) => !placesOf(now).includes(place));
  return [
    ...outside(old.allowFrom, now.allowFrom).map((network) => `${network} ${at}`),
    ...(gone.length === 0 ? [] : [`everybody at ${codes(gone)}, where ${code(now.name)} is no more`]),
    ...newRules(old, now).map((text) => `${code(text)} ${at}, by a new access rule`),
  ];
}

function servedBy(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const at = `at ${code(now.name)}`;
  const places = placesOf(now).filter((place) => !placesOf(old).includes(place));
  const order =
    newRules(old, now).length + newRules(now, old).length === 0 &&
    JSON.stringify(old.accessRules) !== JSON.stringify(now.accessRules)
      ? [`access rules ${at} are in another order, which may decide otherwise`]
      : [];
  return [
    ...outside(now.allowFrom, old.allowFrom).map((network) => `${network} ${at}`),
    ...(places.length === 0 ? [] : [`clients of ${code(now.name)} also at ${codes(places)}`]),
    ...newRules(now, old).map((text) => `what an access rule judged ${at} that is gone: ${code(text)}`),
    ...order,
  ];
}

/** Zone transfers, NOTIFY and UPDATE that one pool permits and the other does not. */
function operations(one: PoolRecord, other: PoolRecord): readonly string[] {
  const kinds: readonly (readonly [what: string, of: (pool: PoolRecord) => readonly string[] | undefined])[] = [
    ["zone transfers", ({ zoneTransfer }) => zoneTransfer?.allowFrom],
    ["NOTIFY", ({ notifyFrom }) => notifyFrom],
    ["UPDATE", ({ updateFrom }) => updateFrom],
  ];
  return kinds.flatMap(([what, of]) =>
    outside(of(one) ?? [], of(other) ?? []).map((network) => `${what} of pool ${code(one.name)} for ${network}`),
  );
}

/** The networks that others do not hold, with the parts of them that these do hold. */
function outside(networks: readonly string[], others: readonly string[]): readonly string[] {
  return networks
    .filter((network) => !others.some((other) => cidrWithin(network, other)))
    .map((network) => {
      const inside = others.filter((other) => cidrWithin(other, network));
      return inside.length === 0 ? code(network) : `${code(network)} but for ${codes(inside)}`;
    });
}

/** The access rules that were not there. */
function newRules(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const known = old.accessRules.map((each) => JSON.stringify(each));
  return now.accessRules.filter((each) => !known.includes(JSON.stringify(each))).map(accessRuleText);
}

function limitChanges(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const [before, after] = [limitTexts(old.rateLimit), limitTexts(now.rateLimit)];
  const { added, removed, kept } = compareNamed(before, after, ({ property }) => property);
  const at = `a client of ${code(now.name)}`;
  const others = otherLimits(old.rateLimit, now.rateLimit);
  return [
    ...added.map(({ text }) => `${at} is limited now: ${code(text)}`),
    ...removed.map(({ text }) => `${at} is limited no more: ${code(text)}`),
    ...kept
      .filter(([was, is]) => was.text !== is.text)
      .map(([was, is]) => {
        const word = compareWords(amountOf(old.rateLimit, was.property), amountOf(now.rateLimit, is.property));
        return `${at}: ${code(was.text)} is ${code(is.text)}${word}`;
      }),
    ...others.map((text) => `${at}: ${text}`),
  ];
}

function compareWords(before: number, after: number): string {
  if (before === after) return "";
  return after < before ? ", **less**" : ", more";
}

/** A limit as a number; more is more. */
function amountOf(
  limit: RateLimit | undefined,
  property: "queries" | "connections" | "concurrentConnections" | "bytesOut",
) {
  const { queries, connections, concurrentConnections = 0, bytesOut } = limit ?? {};
  switch (property) {
    case "queries":
      return queries === undefined ? 0 : perSecond(queries);
    case "connections":
      return connections === undefined ? 0 : perSecond(connections);
    case "concurrentConnections":
      return concurrentConnections;
    case "bytesOut":
      return bytesOut === undefined ? 0 : bytesOut.bytes / bytesOut.period;
  }
}

function otherLimits(old: RateLimit | undefined, now: RateLimit | undefined): readonly string[] {
  if (old === undefined || now === undefined) return [];
  const one = ({ ipv4, ipv6 }: RateLimit["per"]) => `/${ipv4} or /${ipv6}`;
  return [
    ...(one(old.per) === one(now.per) ? [] : [`${code(one(old.per))} is one client no more, ${code(one(now.per))} is`]),
    ...(old.exempt.join() === now.exempt.join()
      ? []
      : [
          `without limits are ${now.exempt.length === 0 ? "none" : codes(now.exempt)}, before ${old.exempt.length === 0 ? "none" : codes(old.exempt)}`,
        ]),
  ];
}

function routeChanges(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const { added, removed } = compareNamed(old.routes ?? [], now.routes ?? [], (route) => JSON.stringify(route));
  const text = (route: RouteRecord) => code(`${selectionText(route)} to ${route.pool}`);
  const at = `at ${code(now.name)}`;
  return [
    ...(old.pool === now.pool ? [] : [`queries ${at} go to pool ${code(now.pool)}, before to ${code(old.pool)}`]),
    ...added.map((each) => `queries ${at} take a new route: ${text(each)}`),
    ...removed.map((each) => `queries ${at} take a route no more: ${text(each)}`),
  ];
}
