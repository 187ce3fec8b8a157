import type { LoadBalancer } from "../model/load-balancer.js";
import { type Pool, withFallback } from "../model/pool.js";
import type { Part, Rule, RuleProblem } from "./rule.js";

/** DNSLB003: two pools, or two listeners, whose construct ids give the same name in the daemons. */
export const daemonNames: Rule = (loadBalancer) => [...poolNames(loadBalancer), ...listenerNames(loadBalancer)];

function poolNames({ frontends }: LoadBalancer): readonly RuleProblem[] {
  const seen = new Map<string, Pool>();
  return frontends.flatMap(({ pool }, index) =>
    withFallback(pool).flatMap((each) => {
      const first = seen.get(each.name) ?? each;
      seen.set(each.name, first);
      return first === each ? [] : [collision({ kind: "frontend", index }, "pool", "pool", each.name)];
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

function collision(part: Part, property: string, noun: string, name: string): RuleProblem {
  const what = property === "" ? "the construct id" : "leads to a pool that";
  return {
    code: "DNSLB003",
    part,
    property,
    message: `${what} becomes the name "${name}", as another ${noun} of the load balancer does; choose another construct id`,
  };
}
