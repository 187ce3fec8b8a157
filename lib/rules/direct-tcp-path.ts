import { judgesTcp } from "../model/access-rule.js";
import type { Frontend } from "../model/frontend.js";
import { withFallback } from "../model/pool.js";
import type { Rule } from "./rule.js";

/**
 * DNSLB004: a policy that needs the content of queries, or the age of connections, on a frontend whose TCP connections
 * only HAProxy handles.
 */
export const directTcpPath: Rule = ({ frontends, maximumConnectionAge }) =>
  frontends.flatMap((frontend, index) => {
    if (frontend.tcpPath !== "direct") return [];
    const common = { code: "DNSLB004", part: { kind: "frontend", index } as const } as const;
    const age =
      maximumConnectionAge === undefined
        ? []
        : [
            {
              ...common,
              property: "tcpPath",
              message: `must be "inspected", got "direct", on a load balancer with 'maximumConnectionAge': HAProxy ends no connection for its age, dnsdist does`,
            },
          ];
    const policies = unenforceable(frontend).map(({ property, policy }) => ({
      ...common,
      property,
      message: `${policy}, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected"`,
    }));
    return [...age, ...policies];
  });

function unenforceable({
  rateLimit,
  accessRules,
  pool,
  routes = [],
}: Frontend): readonly { property: string; policy: string }[] {
  const limits =
    rateLimit?.queries === undefined
      ? []
      : [{ property: "rateLimit", policy: `limits queries to "${rateLimit.queries.text}"` }];
  const rules = accessRules.flatMap((rule, index) =>
    judgesTcp(rule)
      ? [{ property: `accessRules[${index}]`, policy: "matches queries by their name, type, class or opcode" }]
      : [],
  );
  const transfers = withFallback(pool)
    .filter(({ zoneTransfer }) => zoneTransfer !== undefined)
    .map(({ name }) => ({ property: "pool", policy: `leads to pool "${name}" with a 'zoneTransfer'` }));
  const routed = routes.map((_, index) => ({
    property: `routes[${index}]`,
    policy: "leads some queries to another pool",
  }));
  return [...limits, ...rules, ...routed, ...transfers];
}
