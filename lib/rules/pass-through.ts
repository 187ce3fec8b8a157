import type { Frontend } from "../model/frontend.js";
import { listenersOf } from "../model/listener.js";
import { inspectedPolicies } from "../model/query-inspection.js";
import type { Rule, RuleProblem } from "./rule.js";

/**
 * DNSLB025: a policy about queries beside a listener that passes TLS on, through which every client would evade it;
 * DNSLB026: servers that shall judge the clients of such a listener, and are not told who asks.
 */
export const passThrough: Rule = ({ frontends, maximumConnectionAge }) =>
  frontends.flatMap((frontend, index) => {
    const found = listenersOf(frontend, "pass-through").flatMap((listener): readonly RuleProblem[] => {
      const part = { kind: "listener", frontend: index, index: frontend.listeners.indexOf(listener) } as const;
      const policies = listener.serversJudge ? [] : policiesOf(frontend);
      const age =
        maximumConnectionAge === undefined ? [] : ["the load balancer ends connections by 'maximumConnectionAge'"];
      return [
        ...policies.map((policy) => ({
          ...({ code: "DNSLB025", part, property: "passThrough" } as const),
          message: `cannot go with frontend "${frontend.name}", whose ${policy}: no node reads what is in a TLS stream, so that clients would evade it; give the listener a certificate instead, or set serversJudge: true if the servers enforce it themselves`,
        })),
        ...age.map((policy) => ({
          ...({ code: "DNSLB025", part, property: "passThrough" } as const),
          message: `cannot be kept, because ${policy}, and HAProxy ends none for its age; give the listener a certificate, or leave 'maximumConnectionAge' out`,
        })),
        ...(listener.serversJudge && frontend.pool.clientAddress !== "proxy-protocol"
          ? [
              {
                ...({ code: "DNSLB026", part, property: "passThrough.serversJudge" } as const),
                message: `needs clientAddress: "proxy-protocol" in pool "${frontend.pool.name}", got "${frontend.pool.clientAddress}": servers that see the load balancer's address cannot judge clients`,
              },
            ]
          : []),
      ];
    });
    return found;
  });

/** What a frontend says about queries; if nothing else, that dnsdist reads them. */
function policiesOf(frontend: Frontend): readonly string[] {
  const policies = inspectedPolicies(frontend).map(({ property, policy }) => `'${property}' ${policy}`);
  if (policies.length > 0 || frontend.tcpPath === "direct") return policies;
  return [`'tcpPath' is "inspected", so that dnsdist refuses transfers, NOTIFY and UPDATE`];
}
