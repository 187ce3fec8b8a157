import { hostPort } from "../core/ip.js";
import type { FrontendRecord, LoadBalancerRecord, PoolRecord } from "../review/index.js";
import { limitChanges } from "./limits.js";
import { code, codes } from "./markdown.js";
import { compareNamed, type NamedChanges } from "./named.js";
import { networksText, outside } from "./networks.js";
import { routeChanges, ruleChanges } from "./selections.js";

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
  const { added, removed, kept } = comparedFrontends(before, after);
  const pools = compareNamed(before.pools, after.pools, ({ name }) => name).kept;
  const rules = kept.map(([old, now]) => ruleChanges(old, now));
  return {
    refused: [
      ...removed.flatMap((old) => leftBy(old, placesOf(old), after)),
      ...kept.flatMap(([old, now]) => refusedBy(old, now, after)),
      ...rules.flatMap(({ judged }) => judged),
      ...pools.flatMap(([old, now]) => operations(old, now)),
    ],
    served: [
      ...added.map(
        ({ allowFrom, name, ...rest }) =>
          `${networksText(allowFrom)} at ${codes(placesOf(rest))}, by the new frontend ${code(name)}`,
      ),
      ...kept.flatMap(([old, now]) => servedBy(old, now)),
      ...rules.flatMap(({ free }) => free),
      ...pools.flatMap(([old, now]) => operations(now, old)),
    ],
    limits: kept.flatMap(([old, now]) => limitChanges(old, now)),
    routes: kept.flatMap(([old, now]) => routeChanges(old, now)),
  };
}

/** The frontends of two records; one of the same places is the same frontend, also under another name. */
export function comparedFrontends(
  before: Pick<LoadBalancerRecord, "frontends">,
  after: Pick<LoadBalancerRecord, "frontends">,
): NamedChanges<FrontendRecord> {
  return compareNamed(
    before.frontends,
    after.frontends,
    ({ name }) => name,
    (frontend) => placesOf(frontend).join(),
  );
}

/** The addresses and ports of a frontend. */
function placesOf({ addresses, listeners }: Pick<FrontendRecord, "addresses" | "listeners">): readonly string[] {
  return addresses.flatMap((address) =>
    listeners.map(({ kind, port }) => `${hostPort(address, port)}${kind === "dns" ? "" : " (TLS)"}`),
  );
}

function refusedBy(old: FrontendRecord, now: FrontendRecord, after: LoadBalancerRecord): readonly string[] {
  const places = placesOf(now);
  return [
    ...outside(old.allowFrom, now.allowFrom).map((networks) => `${networks} at ${code(now.name)}`),
    ...leftBy(
      old,
      placesOf(old).filter((place) => !places.includes(place)),
      after,
    ),
  ];
}

/** Who is not served any more at places that a frontend has left, others perhaps having taken them. */
function leftBy(
  { name, allowFrom }: FrontendRecord,
  places: readonly string[],
  { frontends }: LoadBalancerRecord,
): readonly string[] {
  const takers = frontends.map((taker) => ({ taker, common: placesOf(taker).filter((each) => places.includes(each)) }));
  const taken = takers.flatMap(({ common }) => common);
  const empty = places.filter((place) => !taken.includes(place));
  return [
    ...(empty.length === 0 ? [] : [`everybody at ${codes(empty)}, where ${code(name)} is no more`]),
    ...takers.flatMap(({ taker, common }) =>
      common.length === 0
        ? []
        : outside(allowFrom, taker.allowFrom).map(
            (networks) => `${networks} at ${codes(common)}, which ${code(taker.name)} has now`,
          ),
    ),
  ];
}

function servedBy(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const known = placesOf(old);
  const places = placesOf(now).filter((place) => !known.includes(place));
  return [
    ...outside(now.allowFrom, old.allowFrom).map((networks) => `${networks} at ${code(now.name)}`),
    ...(places.length === 0 ? [] : [`clients of ${code(now.name)} also at ${codes(places)}`]),
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
    outside(of(one) ?? [], of(other) ?? []).map((networks) => `${what} of pool ${code(one.name)} for ${networks}`),
  );
}
