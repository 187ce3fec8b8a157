import { call, type DnsdistRule, type LuaCall, list } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
import type { Pool } from "../../model/pool.js";
import { typeNumber } from "../../model/query-kind.js";
import { type RouteStep, routeSteps } from "../../model/route.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, anyOf, from, rule } from "./dnsdist-terms.js";

/*
 * The pools of a frontend: its own, and those of its routes. dnsdist notes the pool of a route as a tag of the query, once,
 * so that the rules of many routes cost other queries next to nothing.
 */

/** The name of the tag. */
const TAG = "route";

/** The queries of a frontend that go to one pool. */
export interface Branch {
  /** Begins the names of its rules. */
  readonly name: string;
  readonly pool: Pool;
  /** Selects its queries; those of a frontend's own pool together with those of its routes. */
  readonly here: LuaCall;
}

/** The branches of a frontend: those of its routes must be tried before its own. */
export interface Branches {
  readonly routed: readonly Branch[];
  readonly own: Branch;
}

/** The branches of a frontend. */
export function branchesOf(frontend: Frontend): Branches {
  const { name, pool, routes = [] } = frontend;
  const pools = new Map(
    routes.filter((route) => route.pool.name !== pool.name).map((route) => [route.pool.name, route.pool]),
  );
  return {
    routed: [...pools.values()].map((each) => ({
      name: `${name}: ${each.name}`,
      pool: each,
      here: call("TagRule", TAG, tagOf(frontend, each)),
    })),
    own: { name, pool, here: toFrontend(frontend) },
  };
}

/** dnsdist's rules that note the pool of a route, the first that matches. */
export function dnsdistRoutes(frontend: Frontend): DnsdistRule[] {
  const steps = routeSteps(frontend.routes ?? []);
  return steps.map((step, at) => {
    const before = steps.slice(0, at).filter(({ index }) => index === step.index).length;
    const part = before === 0 ? "" : `, part ${before + 1}`;
    return rule(
      `${frontend.name}: route ${step.index + 1} to ${step.pool.name}${part}`,
      allOf(toFrontend(frontend), ...(at === 0 ? [] : [call("NotRule", call("TagRule", TAG))]), ...conditionsOf(step)),
      call("SetTagAction", TAG, tagOf(frontend, step.pool)),
    );
  });
}

function conditionsOf({ from: networks, types, names }: RouteStep): LuaCall[] {
  return [
    ...(networks.length > 0 ? [from(networks)] : []),
    ...(types.length > 0 ? [anyOf(...types.map((type) => call("QTypeRule", typeNumber(type))))] : []),
    ...(names.length > 0 ? [call("SuffixMatchNodeRule", call("suffixes", list(...names)))] : []),
  ];
}

function tagOf({ name }: Frontend, pool: Pool): string {
  return `${name}: ${pool.name}`;
}
