import { poolsBehind } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Pool } from "../model/pool.js";
import { STATISTICS_LISTENER } from "../model/statistics.js";
import type { Part, Rule, RuleProblem } from "./rule.js";

/**
 * DNSLB003: two pools, or two listeners, whose construct ids give the same name in the daemons, or a DoT listener with
 * that of the statistics.
 */
export const daemonNames: Rule = (loadBalancer) => [
  ...poolNames(loadBalancer),
  ...listenerNames(loadBalancer),
  ...statisticsName(loadBalancer),
];

function poolNames({ frontends }: LoadBalancer): readonly RuleProblem[] {
  const seen = new Map<string, Pool>();
  return frontends.flatMap((frontend, index) =>
    poolsBehind(frontend).flatMap(({ property, pool: each }) => {
      const first = seen.get(each.name) ?? each;
      seen.set(each.name, first);
      return first === each ? [] : [collision({ kind: "frontend", index }, property, "pool", each.name)];
    }),
  );
}

function listenerNames({ frontends }: LoadBalancer): readonly RuleProblem[] {
  const seen = new Set<string>();
  const once = (name: string, problem: RuleProblem): readonly RuleProblem[] => {
    if (seen.has(name)) return [problem];
    seen.add(name);
    return [];
  };
  return frontends.flatMap(({ listeners }, frontend) =>
    listeners.flatMap(({ name }, index) =>
      once(name, collision({ kind: "listener", frontend, index }, "", "listener", name)),
    ),
  );
}

/** The statistics with TLS and a DoT listener have the files of their certificates by name. */
function statisticsName({ frontends, statistics }: LoadBalancer): readonly RuleProblem[] {
  if (statistics?.certificate === undefined) return [];
  return frontends.flatMap(({ listeners }, frontend) =>
    listeners.flatMap(({ kind, name }, index): readonly RuleProblem[] => {
      if (kind !== "dot" || name !== STATISTICS_LISTENER) return [];
      const message = `the construct id becomes the name "${name}", which the statistics have with a 'certificate'; choose another construct id`;
      return [{ code: "DNSLB003", part: { kind: "listener", frontend, index }, property: "", message }];
    }),
  );
}

function collision(part: Part, property: string, noun: string, name: string): RuleProblem {
  const what = property === "" ? "the construct id" : "leads to a pool that";
  return {
    code: "DNSLB003",
    part,
    property,
    message: `${what} becomes the name "${name}", as another ${noun} of the load balancer does; choose another construct id`,
  };
}
