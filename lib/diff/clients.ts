import { hostPort } from "../core/ip.js";
import { type AccessRule, isForUdp, needsQuery } from "../model/access-rule.js";
import type { FrontendRecord, LoadBalancerRecord, PoolRecord } from "../review/index.js";
import { accessRuleText } from "../review/words.js";
import { ruleChanges } from "./access-rules.js";
import { limitChanges } from "./limits.js";
import { code, codes } from "./markdown.js";
import { compareNamed, type NamedChanges } from "./named.js";
import { NetworkSet } from "./network-set.js";
import { networksText, outside } from "./networks.js";
import { routeChanges } from "./routes.js";

/** What a change means for clients. */
export interface ClientChanges {
  /** Who is refused, or not served any more. */
  readonly refused: readonly string[];
  /** Who is served now. */
  readonly served: readonly string[];
  /** Changes of access rules of which it is not certain whom they refuse or let through. */
  readonly rules: readonly string[];
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
      ...rules.flatMap((each) => each.refused),
      ...pools.flatMap(([old, now]) => operations(old, now)),
    ],
    served: [
      ...added.flatMap((now) => {
        const who = networksText(now.allowFrom);
        return gainedBy(now, placesOf(now), before, (at) => `${who} at ${at}, by the new frontend ${code(now.name)}`);
      }),
      ...kept.flatMap(([old, now]) => servedBy(old, now, before)),
      ...rules.flatMap((each) => each.free),
      ...pools.flatMap(([old, now]) => operations(now, old)),
    ],
    rules: rules.flatMap((each) => each.changed),
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
    ...outside(old.allowFrom, now.allowFrom).map(
      ({ text, networks }) => `${text} at ${code(now.name)}${butForRefused("was", networks, old)}`,
    ),
    ...leftBy(
      old,
      placesOf(old).filter((place) => !places.includes(place)),
      after,
    ),
  ];
}

/** Who is not served any more at places that a frontend has left, others perhaps having taken them. */
function leftBy(old: FrontendRecord, places: readonly string[], after: LoadBalancerRecord): readonly string[] {
  const { taken, empty } = takenOf(places, after);
  return [
    ...(empty.length === 0 ? [] : [`everybody at ${codes(empty)}, where ${code(old.name)} is no more`]),
    ...taken.flatMap(({ taker, common }) =>
      outside(old.allowFrom, taker.allowFrom).map(
        ({ text, networks }) =>
          `${text} at ${codes(common)}, which ${code(taker.name)} has now${butForRefused("was", networks, old)}`,
      ),
    ),
  ];
}

function servedBy(old: FrontendRecord, now: FrontendRecord, before: LoadBalancerRecord): readonly string[] {
  const known = placesOf(old);
  const places = placesOf(now).filter((place) => !known.includes(place));
  return [
    ...outside(now.allowFrom, old.allowFrom).map(
      ({ text, networks }) => `${text} at ${code(now.name)}${butForRefused("is", networks, now)}`,
    ),
    ...gainedBy(now, places, before, (where) => `clients of ${code(now.name)} also at ${where}`),
  ];
}

/** Who is served at places that a frontend has got; of those that another one had, who is served there only now. */
function gainedBy(
  now: FrontendRecord,
  places: readonly string[],
  before: LoadBalancerRecord,
  sentence: (places: string) => string,
): readonly string[] {
  const { taken, empty } = takenOf(places, before);
  return [
    ...(empty.length === 0 ? [] : [`${sentence(codes(empty))}${butForRefused("is", now.allowFrom, now)}`]),
    ...taken.flatMap(({ taker, common }) =>
      outside(now.allowFrom, taker.allowFrom).map(({ text, networks }) => {
        const butFor = butForRefused("is", networks, now);
        return `${text} at ${codes(common)}, which ${code(taker.name)} had and ${code(now.name)} has now${butFor}`;
      }),
    ),
  ];
}

/** The frontends that have some of these places, with these, and the places that none has. */
function takenOf(places: readonly string[], { frontends }: LoadBalancerRecord) {
  const taken = frontends
    .map((taker) => ({ taker, common: placesOf(taker).filter((each) => places.includes(each)) }))
    .filter(({ common }) => common.length > 0);
  const all = taken.flatMap(({ common }) => common);
  return { taken, empty: places.filter((place) => !all.includes(place)) };
}

/** The access rules that refuse everything from some of these networks, as an exception. */
function butForRefused(verb: "was" | "is", networks: readonly string[], { accessRules }: FrontendRecord): string {
  const clients = NetworkSet.of(networks);
  const isOf = ({ from }: AccessRule) => from.length === 0 || clients.meets(NetworkSet.of(from));
  const texts = accessRules
    .filter((rule) => !needsQuery(rule) && !isForUdp(rule) && isOf(rule))
    .map((rule) => accessRuleText(rule));
  return texts.length === 0 ? "" : `, but for what ${verb} judged by ${codes([...new Set(texts)])}`;
}

/** Zone transfers, NOTIFY and UPDATE that one pool permits and the other does not. */
function operations(one: PoolRecord, other: PoolRecord): readonly string[] {
  const kinds: readonly (readonly [what: string, of: (pool: PoolRecord) => readonly string[] | undefined])[] = [
    ["zone transfers", ({ zoneTransfer }) => zoneTransfer?.allowFrom],
    ["NOTIFY", ({ notifyFrom }) => notifyFrom],
    ["UPDATE", ({ updateFrom }) => updateFrom],
  ];
  return kinds.flatMap(([what, of]) =>
    outside(of(one) ?? [], of(other) ?? []).map(({ text }) => `${what} of pool ${code(one.name)} for ${text}`),
  );
}
