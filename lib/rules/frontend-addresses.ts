import { type LoadBalancer, sharedAddressesOf } from "../model/load-balancer.js";
import { ownAddressesOf } from "../model/node.js";
import type { Rule, RuleProblem } from "./rule.js";

/** DNSLB001: a frontend or the statistics listen on an address that the load balancer does not hold. */
export const frontendAddresses: Rule = (loadBalancer): readonly RuleProblem[] => {
  const held = heldAddresses(loadBalancer);
  const allowed = held.join(" or ");
  const frontends = loadBalancer.frontends.flatMap(({ addresses }, index) =>
    addresses.flatMap((address, at): readonly RuleProblem[] =>
      held.includes(address)
        ? []
        : [
            {
              code: "DNSLB001",
              part: { kind: "frontend", index } as const,
              property: addresses.length > 1 ? `addresses[${at}]` : "address",
              message: `must be an address of load balancer "${loadBalancer.name}" (${allowed}), got "${address}"`,
            },
          ],
    ),
  );
  const statistics = (loadBalancer.statistics?.addresses ?? [])
    .filter((address) => !held.includes(address))
    .map(
      (address): RuleProblem => ({
        code: "DNSLB001",
        part: { kind: "load-balancer" } as const,
        property: "statistics.address",
        message: `must be an address of the load balancer (${allowed}), got "${address}"`,
      }),
    );
  return [...frontends, ...statistics];
};

/** The addresses to listen on: those that the nodes share, or on a node that shares none its own. */
function heldAddresses(loadBalancer: LoadBalancer): readonly string[] {
  const { nodes, mobility } = loadBalancer;
  return mobility.kind === "fixed" ? nodes.flatMap(ownAddressesOf) : sharedAddressesOf(loadBalancer);
}
