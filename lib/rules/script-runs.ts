import { MOST_SCRIPT_RUNS, scriptRuns } from "../model/health-check.js";
import { poolsOf } from "../model/load-balancer.js";
import type { Rule } from "./rule.js";

/** DNSLB022: scripts of health checks that need more runs at a time than a node makes. */
export const scriptRunsAtATime: Rule = (loadBalancer) => {
  const pools = poolsOf(loadBalancer).filter(({ healthCheck }) => healthCheck.kind === "external");
  const needed = pools.reduce((sum, { healthCheck, servers }) => sum + scriptRuns(healthCheck, servers.length), 0);
  if (needed <= MOST_SCRIPT_RUNS) return [];
  const each = pools
    .map(
      ({ name, servers, healthCheck: { timeout, interval } }) =>
        `pool "${name}" has ${servers.length} servers, each for "${timeout}" of every "${interval}"`,
    )
    .join(", ");
  const message = `has scripts that may need ${Math.ceil(needed)} runs at a time, and a node makes ${MOST_SCRIPT_RUNS} at most: ${each}; lower 'timeout' or raise 'interval' of HealthCheck.external()`;
  return [{ code: "DNSLB022", part: { kind: "load-balancer" }, property: "", message }];
};
