import { call, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
import { featuresOf, type NodeFeatures } from "../features.js";
import type { BalancerWork } from "../work.js";
import { dnsdistAccess, dnsdistOutsiders, toFrontendFromClients } from "./access.js";
import { dnsdistPorts, inDnsdistOrder, isOnDnsPort } from "./dnsdist-frontend.js";
import { DROP, rule, to } from "./dnsdist-terms.js";
import { dnsdistHealth } from "./node-health.js";
import { dnsdistLastResort, dnsdistRouting } from "./pool.js";
import { dnsdistRateLimit } from "./rate-limit.js";
import { branchesOf, dnsdistRoutes } from "./route.js";
import { dnsdistRecursion, dnsdistRefreshes, dnsdistTransfers, dnsdistWrites } from "./zone-operations.js";

/*
 * The rules of all frontends. dnsdist tries one after the other for each query, so their order is what many frontends
 * cost: those by which most queries leave come first. The rules of one frontend must stay in order; those of frontends at
 * different addresses select different queries, and may change places.
 */

/** dnsdist's rules; queries to no frontend are dropped. */
export function dnsdistRules(work: BalancerWork): DnsdistRule[] {
  const { loadBalancer, node, profile } = work;
  const features = featuresOf(profile.versions);
  const ordered = inDnsdistOrder(loadBalancer.frontends);
  const frontends = ordered.map((frontend) => rulesOf(frontend, features));
  const health = dnsdistHealth(work);
  // Nobody but the agents asks the node itself.
  const areApart = !loadBalancer.frontends.some(({ addresses }) =>
    addresses.some((each) => node.addresses.includes(each)),
  );
  return [
    ...(areApart ? [] : health),
    ...dnsdistPorts(loadBalancer),
    ...noRecursion(ordered.filter(isPlain)),
    ...frontends.flatMap(({ usual }) => usual),
    ...frontends.flatMap(({ rest }) => rest),
    ...(areApart ? health : []),
    rule("everything else", call("AllRule"), DROP),
  ];
}

/** The rules of a frontend: those by which most queries leave, and those that come after the former of all frontends. */
interface FrontendRules {
  readonly usual: readonly DnsdistRule[];
  readonly rest: readonly DnsdistRule[];
}

function rulesOf(frontend: Frontend, features: NodeFeatures): FrontendRules {
  return isPlain(frontend) ? plainRules(frontend, features) : { usual: allRules(frontend, features), rest: [] };
}

/** Whether the clients whom a frontend serves are all that matters, but for messages that it refuses to everybody. */
function isPlain(frontend: Frontend): boolean {
  const { accessRules, routes = [], rateLimit, pool } = frontend;
  return (
    isOnDnsPort(frontend) &&
    accessRules.length === 0 &&
    routes.length === 0 &&
    rateLimit?.queries === undefined &&
    [pool.zoneTransfer, pool.notifyFrom, pool.updateFrom].every((each) => each === undefined)
  );
}

function plainRules(frontend: Frontend, features: NodeFeatures): FrontendRules {
  const { name, pool } = frontend;
  const everybody = { name, pool, here: to(frontend.addresses) };
  const clients = { name, pool, here: toFrontendFromClients(frontend) };
  return {
    usual: [...dnsdistTransfers(frontend, everybody), ...dnsdistWrites(everybody), ...dnsdistRouting(clients)],
    rest: [...dnsdistLastResort(clients, features), ...dnsdistOutsiders(frontend)],
  };
}

/** The rules about recursion of all of these frontends: one for those that serve the same clients. */
function noRecursion(frontends: readonly Frontend[]): DnsdistRule[] {
  const byClients = new Map<string, Frontend[]>();
  for (const frontend of frontends.filter(({ pool }) => pool.role === "authoritative")) {
    const key = JSON.stringify(frontend.allowFrom);
    byClients.set(key, [...(byClients.get(key) ?? []), frontend]);
  }
  return [...byClients.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const addresses = group.flatMap((each) => each.addresses);
    const name = group.map((each) => each.name).join(", ");
    return dnsdistRecursion({ name, pool: first.pool, here: toFrontendFromClients({ ...first, addresses }) });
  });
}

function allRules(frontend: Frontend, features: NodeFeatures): DnsdistRule[] {
  const branches = branchesOf(frontend);
  return [
    ...dnsdistOutsiders(frontend),
    ...dnsdistAccess(frontend, features),
    ...dnsdistRoutes(frontend),
    ...branches.flatMap((branch) => dnsdistTransfers(frontend, branch)),
    ...dnsdistRateLimit(frontend),
    // The last rule of each branch is for all that is left of it.
    ...branches.flatMap((branch) => [
      ...dnsdistRecursion(branch),
      ...dnsdistWrites(branch),
      ...dnsdistRefreshes(frontend, branch),
      ...dnsdistRouting(branch),
      ...dnsdistLastResort(branch, features),
    ]),
  ];
}
