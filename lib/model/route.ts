import { isInZone } from "../core/names.js";
import type { Pool } from "./pool.js";
import type { QueryType } from "./query-kind.js";

/** A pool for the queries of a frontend that match all conditions; an empty list matches everything. */
export interface Route {
  readonly pool: Pool;
  readonly from: readonly string[];
  /** Domains: these names and every name below them. Fully qualified. */
  readonly names: readonly string[];
  readonly types: readonly (QueryType | number)[];
}

/** A route with those of its names that are judged together; the first step that matches decides. */
export interface RouteStep extends Route {
  /** The index of the route in its frontend. */
  readonly index: number;
}

/**
 * Routes in the order in which they are tried: longer names first, by labels, then as they are listed; those without names
 * last. Names of a route stay together as far as that changes no answer.
 */
export function routeSteps(routes: readonly Route[]): readonly RouteStep[] {
  const single = routes
    .flatMap((route, index): RouteStep[] =>
      (route.names.length === 0 ? [[]] : route.names.map((name) => [name])).map((names) => ({
        ...route,
        names,
        index,
      })),
    )
    .sort((one, other) => labels(other) - labels(one) || one.index - other.index);
  const steps: RouteStep[] = [];
  for (const step of single) {
    const at = steps.findLastIndex(({ index }) => index === step.index);
    const [mine, later] = [steps[at], steps.slice(at + 1)];
    if (mine === undefined || later.some((each) => overlaps(each, step))) steps.push(step);
    else steps[at] = { ...mine, names: [...mine.names, ...step.names] };
  }
  return steps;
}

/** Whether a name can be in both, as far as the steps' own names say. */
function overlaps(one: RouteStep, other: RouteStep): boolean {
  return one.names.some((name) => other.names.some((each) => isInZone(name, each) || isInZone(each, name)));
}

function labels({ names: [name] }: Route): number {
  return name === undefined ? 0 : name.split(".").length - 1;
}
