import type { FrontendRecord, RouteRecord } from "../review/index.js";
import { selectionText } from "../review/words.js";
import { code } from "./markdown.js";
import { listWords, type Pair, paired, type Traits } from "./pairs.js";

/*
 * What a change of pools and routes means. Which route a query takes depends on all of them, so that it is told what they
 * were and are, and not which queries go elsewhere.
 */

type List = "names" | "types" | "from";

const TRAITS: Traits<RouteRecord, List> = {
  lists: ["names", "types", "from"],
  valuesOf: (route, list) => route[list].map(String),
  othersOf: ({ pool }) => [pool],
  kindOf: () => "route",
};

/** Compares the pool and the routes of a frontend. */
export function routeChanges(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const [before, after] = [old.routes ?? [], now.routes ?? []];
  const at = `at ${code(now.name)}`;
  const which = before.length + after.length === 0 ? "" : " that take no route";
  const { pairs, added, removed, isMoved } = paired(before, after, TRAITS);
  return [
    ...(old.pool === now.pool
      ? []
      : [`queries ${at}${which} go to pool ${code(now.pool)}, before to ${code(old.pool)}`]),
    ...pairs.flatMap((pair) => changeOf(pair, at)),
    ...added.map((route) => `a route ${at} is new: ${routeTo(route)}`),
    ...removed.map((route) => `a route ${at} is gone: ${routeTo(route)}`),
    ...(isMoved ? [`routes ${at} are in another order, which may decide otherwise`] : []),
  ];
}

function changeOf(pair: Pair<RouteRecord, List>, at: string): readonly string[] {
  if (pair.list === undefined && pair.others === 0) return [];
  const [was, is] = [routeTo(pair.before), routeTo(pair.after)];
  return [`a route ${at} was ${was} and is ${is}${was === is ? listWords(pair) : ""}`];
}

function routeTo(route: RouteRecord): string {
  return code(`${selectionText(route)} to ${route.pool}`);
}
