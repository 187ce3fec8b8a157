import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import { featuresOf } from "../features.js";
import type { BalancerWork } from "../work.js";
import { dnsdistAccess, dnsdistOutsiders, toClients } from "./access.js";
import { dnsdistExtra } from "./dnsdist-extra.js";
import { dnsdistPorts, isOnDnsPort, toFrontend } from "./dnsdist-frontend.js";
import { anyOf, DROP, rule, to } from "./dnsdist-terms.js";
import { dnsdistIdentity } from "./identity.js";
import { dnsdistOwnHealth, dnsdistPoolHealth } from "./node-health.js";
import { dnsdistAlternatives, dnsdistRouting } from "./pool.js";
import { dnsdistRateLimit } from "./rate-limit.js";
import { type Branch, branchesOf, dnsdistRoutes } from "./route.js";
import { dnsdistRecursion, dnsdistRefreshes, dnsdistTransfers, dnsdistWrites, TRANSFER } from "./zone-operations.js";

/*
 * The rules of all frontends. dnsdist tries one after the other for each query, so what stands before those by which most
 * queries leave is what many frontends cost. The rules of one frontend keep their order; those of frontends at different
 * addresses select different queries, and may change places.
 */

/**
 * Networks of clients up to which a frontend has them in each rule that leads to its pool: then one rule is tried for each
 * frontend before that of a query, else two. dnsdist keeps the networks of each rule by themselves.
 */
const FEW_NETWORKS = 64;

/** dnsdist's rules; queries to no frontend are dropped. */
export function dnsdistRules(work: BalancerWork): DnsdistRule[] {
  const { loadBalancer, node, profile } = work;
  const { frontends } = loadBalancer;
  const features = featuresOf(profile.versions);
  const onDnsPort = frontends.filter(isOnDnsPort);
  const plain = onDnsPort.filter(isPlain).map((frontend) => plainRules(frontend, work));
  const judged = onDnsPort.filter((frontend) => !isPlain(frontend)).map((frontend) => judgedRules(frontend, work));
  const poolHealth = dnsdistPoolHealth(work);
  // Unless frontends have addresses of the node, its agent and those of its peers alone ask there.
  const isShared = frontends.some(({ addresses }) => addresses.some((each) => node.addresses.includes(each)));
  return [
    ...pastCaches(loadBalancer),
    ...(isShared ? poolHealth : []),
    ...dnsdistPorts(loadBalancer),
    // All of each, up to its end: others may have their addresses.
    ...frontends
      .filter((frontend) => !isOnDnsPort(frontend))
      .flatMap((frontend) => {
        const { usual, last } = judgedRules(frontend, work);
        return [...usual, ...dnsdistAlternatives(last, features)];
      }),
    ...noRecursion(onDnsPort.filter(isPlain)),
    ...[...plain, ...judged].flatMap(({ usual }) => usual),
    ...plain.flatMap(({ outsiders }) => outsiders),
    ...[...plain, ...judged].flatMap(({ last }) => dnsdistAlternatives(last, features)),
    ...(isShared ? [] : poolHealth),
    ...dnsdistOwnHealth(work),
    rule("everything else", call("AllRule"), DROP),
  ];
}

/**
 * The rule that leads what is no query past caches, and transfers: dnsdist would give the answer to an UPDATE for another one,
 * and 1.7 keeps what a server says to an IXFR over UDP.
 */
function pastCaches(loadBalancer: LoadBalancer): DnsdistRule[] {
  if (poolsOf(loadBalancer).every(({ cache }) => cache === undefined)) return [];
  const others = call("NotRule", call("OpcodeRule", constant("DNSOpcode.Query")));
  return [rule("all caches: queries alone", anyOf(others, TRANSFER), call("SetSkipCacheAction"))];
}

/** The rules of a frontend on port 53, in their order. */
interface FrontendRules {
  /** Those by which most of its queries leave. */
  readonly usual: readonly DnsdistRule[];
  /** Those for clients whom it does not serve, unless they are among the former. */
  readonly outsiders: readonly DnsdistRule[];
  /** What is left then. */
  readonly last: Branch;
}

/** Whether nothing about the queries of a frontend matters but who asks, apart from messages that it refuses to everybody. */
function isPlain({ accessRules, routes = [], rateLimit, pool, extra }: Frontend): boolean {
  return (
    accessRules.length === 0 &&
    (extra?.dnsdist ?? []).length === 0 &&
    routes.length === 0 &&
    rateLimit?.queries === undefined &&
    [pool.zoneTransfer, pool.notifyFrom, pool.updateFrom].every((each) => each === undefined)
  );
}

function plainRules(frontend: Frontend, work: BalancerWork): FrontendRules {
  const outsiders = dnsdistOutsiders(frontend);
  const everybody = { name: frontend.name, pool: frontend.pool, here: to(frontend.addresses) };
  const usualOf = (branch: Branch) => [
    ...dnsdistTransfers(frontend, everybody),
    ...dnsdistWrites(everybody),
    ...dnsdistIdentity(branch.name, branch.here, work),
    ...dnsdistRouting(branch),
  ];
  return frontend.allowFrom.length > FEW_NETWORKS
    ? { usual: [...outsiders, ...usualOf(everybody)], outsiders: [], last: everybody }
    : { usual: usualOf({ ...everybody, here: toClients(frontend) }), outsiders, last: everybody };
}

/**
 * The rule about recursion of all of these frontends, whoever asks: dnsdist gives its own answers the RD bit that the query
 * came with.
 */
function noRecursion(frontends: readonly Frontend[]): DnsdistRule[] {
  const [first, ...others] = frontends.filter(({ pool }) => pool.role === "authoritative");
  if (first === undefined) return [];
  const name = others.length === 0 ? first.name : "authoritative frontends";
  return dnsdistRecursion({ name, pool: first.pool, here: to([first, ...others].flatMap((each) => each.addresses)) });
}

function judgedRules(frontend: Frontend, work: BalancerWork): FrontendRules {
  const features = featuresOf(work.profile.versions);
  const { own, routed } = branchesOf(frontend);
  const all = [...routed, own];
  const rulesOf = (branch: Branch) => [
    ...dnsdistRecursion(branch),
    ...dnsdistWrites(branch),
    ...dnsdistRefreshes(frontend, branch),
    ...dnsdistRouting(branch),
  ];
  return {
    usual: [
      ...dnsdistOutsiders(frontend),
      ...dnsdistAccess(frontend, features),
      ...dnsdistExtra(frontend),
      ...dnsdistRoutes(frontend),
      ...all.flatMap((branch) => dnsdistTransfers(frontend, branch)),
      ...dnsdistRateLimit(frontend),
      ...dnsdistIdentity(frontend.name, toFrontend(frontend), work),
      // The last rule of a routed branch is for all that is left of it: those of the frontend's own would take that.
      ...routed.flatMap((branch) => [...rulesOf(branch), ...dnsdistAlternatives(branch, features)]),
      ...rulesOf(own),
    ],
    outsiders: [],
    last: own,
  };
}
