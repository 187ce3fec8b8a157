import { inspectedPolicies } from "../model/query-inspection.js";
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
    const policies = inspectedPolicies(frontend).map(({ property, policy }) => ({
      ...common,
      property,
      message: `${policy}, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected"`,
    }));
    return [...age, ...policies];
  });
