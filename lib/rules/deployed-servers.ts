import type { RuleCode } from "../core/codes/index.js";
import { cidrContains, cidrWithin, familyOf } from "../core/ip.js";
import { poolsBehind } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Pool } from "../model/pool.js";
import type { ClientPolicy, PoolMember } from "../model/pool-member.js";
import type { Rule, RuleProblem } from "./rule.js";

/**
 * DNSLB008: a pool and a server of the app with different `clientAddress`. DNSLB009: a server of the app that would
 * refuse the load balancer, or clients that the load balancer serves.
 */
export const deployedServers: Rule = (loadBalancer) =>
  loadBalancer.frontends.flatMap((frontend, index) =>
    poolsBehind(frontend).flatMap(({ property, pool, clients }) =>
      pool.servers.flatMap((server) => {
        const { deployed } = server;
        if (deployed === undefined) return [];
        const about = (code: RuleCode, message: string): RuleProblem => ({
          code,
          part: { kind: "frontend", index },
          property,
          message: `leads to server "${server.name}" of pool "${pool.name}", ${message}`,
        });
        return [
          ...disagreement(pool, deployed).map((message) => about("DNSLB008", message)),
          ...refusals(loadBalancer, clients, pool, server, deployed).map((message) => about("DNSLB009", message)),
        ];
      }),
    ),
  );

function disagreement({ clientAddress }: Pool, deployed: ClientPolicy): readonly string[] {
  if (clientAddress === deployed.clientAddress) return [];
  return [
    `whose clientAddress is "${deployed.clientAddress}" while the pool's is "${clientAddress}", so that every query would fail; set both to the same value`,
  ];
}

function refusals(
  { nodes }: LoadBalancer,
  served: readonly string[],
  { clientAddress }: Pool,
  { address }: PoolMember,
  { allowFrom }: ClientPolicy,
): readonly string[] {
  if (allowFrom === undefined) return [];
  const family = familyOf(address);
  const refused = nodes
    .flatMap(({ addresses }) => addresses)
    .filter((own) => familyOf(own) === family && !allowFrom.some((network) => cidrContains(network, own)));
  // A server checks the addresses of clients only if it gets them in PROXY headers.
  const outside =
    clientAddress === "hidden"
      ? []
      : served.filter((network) => !allowFrom.some((outer) => cidrWithin(network, outer)));
  return [
    ...(refused.length === 0
      ? []
      : [`whose 'allowFrom' leaves out ${refused.join(" and ")}, from where the load balancer queries it`]),
    ...(outside.length === 0
      ? []
      : [`whose 'allowFrom' leaves out ${outside.join(" and ")}, which the frontend serves`]),
  ];
}
