import { judgesTcp } from "./access-rule.js";
import type { Frontend, TcpPath } from "./frontend.js";
import type { LoadBalancer, LoadBalancerPlan, PlannedFrontend } from "./load-balancer.js";
import { withFallback } from "./pool.js";
import { transferBypasses } from "./transfer-bypass.js";

/*
 * What needs a proxy that reads the queries of TCP connections. HAProxy does not; dnsdist does.
 */

/** A property of a frontend, and what it asks for, as a predicate of it: `limits queries to "50/10s"`. */
export interface InspectedPolicy {
  readonly property: string;
  readonly policy: string;
}

/** A kind of policies that only dnsdist enforces. docs/daemons.md shows them as a table. */
interface InspectedKind {
  /** What users give, in Markdown. */
  readonly what: string;
  /** Finds those of a frontend. */
  find(frontend: PlannedFrontend): readonly InspectedPolicy[];
}

/** Every kind of policies that only dnsdist enforces. */
export const INSPECTED_KINDS: readonly InspectedKind[] = [
  {
    what: "`rateLimit.queries`",
    find: ({ rateLimit }) =>
      rateLimit?.queries === undefined
        ? []
        : [{ property: "rateLimit", policy: `limits queries to "${rateLimit.queries.text}"` }],
  },
  {
    what: "`accessRules` by name, type, class or opcode that are for TCP",
    find: ({ accessRules }) =>
      accessRules.flatMap((rule, index) =>
        judgesTcp(rule)
          ? [{ property: `accessRules[${index}]`, policy: "matches queries by their name, type, class or opcode" }]
          : [],
      ),
  },
  {
    what: "`routes`",
    find: ({ routes = [] }) =>
      routes.map((_, index) => ({ property: `routes[${index}]`, policy: "leads some queries to another pool" })),
  },
  {
    what: "`extra.dnsdist` of a frontend",
    find: ({ extra }) =>
      (extra?.dnsdist ?? []).map((_, index) => ({
        property: `extra.dnsdist[${index}]`,
        policy: "judges queries by a rule of dnsdist",
      })),
  },
  {
    what: "`zoneTransfer`, `notifyFrom`, `updateFrom` of a pool",
    find: ({ pool }) =>
      withFallback(pool).flatMap((each) =>
        (["zoneTransfer", "notifyFrom", "updateFrom"] as const)
          .filter((property) => each[property] !== undefined)
          .map((property) => ({
            property: "pool",
            policy: `leads to pool "${each.name}" with ${property === "updateFrom" ? "an" : "a"} '${property}'`,
          })),
      ),
  },
];

/** The policies of a frontend that only dnsdist enforces. */
export function inspectedPolicies(frontend: PlannedFrontend): readonly InspectedPolicy[] {
  return INSPECTED_KINDS.flatMap((kind) => kind.find(frontend));
}

/** Everything for which a frontend of this load balancer must be on the inspected path, as clauses with their property. */
export function reasonsToInspect(loadBalancer: LoadBalancerPlan, frontend: PlannedFrontend): readonly string[] {
  const age =
    loadBalancer.maximumConnectionAge === undefined
      ? []
      : ["'maximumConnectionAge' of the load balancer ends connections"];
  const policies = inspectedPolicies(frontend).map(({ property, policy }) => `'${property}' ${policy}`);
  const bypasses = transferBypasses(loadBalancer, frontend).map(
    ({ pool, server, reason }) => `'pool' leads to server "${server.name}" of pool "${pool.name}", ${reason}`,
  );
  return [...age, ...policies, ...bypasses];
}

/** The load balancer, with a path for TCP where none was chosen: inspected where something needs it, else direct. */
export function withTcpPaths(plan: LoadBalancerPlan): LoadBalancer {
  const pathOf = (frontend: PlannedFrontend): TcpPath =>
    frontend.tcpPath ?? (reasonsToInspect(plan, frontend).length > 0 ? "inspected" : "direct");
  return {
    ...plan,
    frontends: plan.frontends.map((frontend): Frontend => ({ ...frontend, tcpPath: pathOf(frontend) })),
  };
}
