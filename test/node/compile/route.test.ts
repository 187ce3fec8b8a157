import { describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import type { Route } from "../../../lib/model/route.js";
import { compileDnsdistPolicy } from "../../../lib/node/compile/dnsdist.js";
import { primaryPools } from "../../../lib/node/compile/node-health.js";
import { dnsdistRoutes } from "../../../lib/node/compile/route.js";
import { FALLBACK, FRONTEND, PAIR, POOL, PROFILE } from "./models.js";
import { ruleLines } from "./render.js";

const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
const ELSE = 'NotRule(TagRule("route"))';
const directory = { ...POOL, name: "directory", fallback: FALLBACK };
const zones = {
  ...{ ...POOL, name: "zones", role: "authoritative" as const, zones: ["corp.example."] },
  zoneTransfer: { servers: ["r1"], allowFrom: ["198.51.100.0/24"] },
};
const route = (changes: Partial<Route>): Route => ({ pool: directory, from: [], names: [], types: [], ...changes });
const routed = (routes: readonly Route[]): Frontend => ({ ...FRONTEND, tcpPath: "inspected", routes });
const suffixes = (...names: string[]) =>
  `SuffixMatchNodeRule(suffixes({ ${names.map((name) => `"${name}"`).join(", ")} }))`;

describe("routes", () => {
  test("note the pool of a query, the longest name first, then as listed, those without names last", () => {
    const rules = dnsdistRoutes(
      routed([
        route({ from: ["10.9.0.0/16"] }),
        route({ names: ["example.", "b.a.corp.example."] }),
        route({ names: ["a.corp.example.", "other.test."], pool: zones }),
        route({ names: ["example."], types: ["TXT", 65_280], pool: POOL }),
      ]),
    );
    expect(ruleLines(rules)).toEqual([
      `AndRule({ ${HERE}, ${suffixes("b.a.corp.example.")} }) -> SetTagAction("route", "internal: directory")`,
      `AndRule({ ${HERE}, ${ELSE}, ${suffixes("a.corp.example.", "other.test.")} }) -> SetTagAction("route", "internal: zones")`,
      `AndRule({ ${HERE}, ${ELSE}, ${suffixes("example.")} }) -> SetTagAction("route", "internal: directory")`,
      `AndRule({ OrRule({ QTypeRule(16), QTypeRule(65280) }), ${HERE}, ${ELSE}, ${suffixes("example.")} }) -> SetTagAction("route", "internal: resolvers")`,
      `AndRule({ ${HERE}, ${ELSE}, NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true) }) -> SetTagAction("route", "internal: directory")`,
    ]);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  test("keep the names of a route in one rule where no other route comes between", () => {
    const names = ["c.b.a.test.", "b.a.test.", "x.test.", "y.other."];
    const rules = dnsdistRoutes(routed([route({ names }), route({ names: ["q.w.test."], pool: zones })]));
    expect(ruleLines(rules)).toEqual([
      `AndRule({ ${HERE}, ${suffixes(...names)} }) -> SetTagAction("route", "internal: directory")`,
      `AndRule({ ${HERE}, ${ELSE}, ${suffixes("q.w.test.")} }) -> SetTagAction("route", "internal: zones")`,
    ]);
  });

  const policyOf = (frontend: Frontend) => {
    const loadBalancer: LoadBalancer = { ...PAIR, frontends: [frontend] };
    const [node, ...peers] = loadBalancer.nodes;
    if (node === undefined) throw new Error("the pair has no node");
    return compileDnsdistPolicy({ loadBalancer, node, peers, profile: { ...PROFILE, versions: DEBIAN_13 } });
  };

  test("come after access rules and before limits, and each pool has its own fallback and its own transfers", () => {
    const frontend: Frontend = {
      ...routed([route({ names: ["a.test."] }), route({ names: ["corp.example."], pool: zones })]),
      accessRules: [{ action: "refuse", from: [], names: [], types: ["ANY"] }],
      rateLimit: {
        ...{ per: { ipv4: 32, ipv6: 64 }, exempt: [], exceeded: "drop" },
        queries: { events: 50, period: 10_000, text: "50/10s" },
      },
    };
    const policy = policyOf(frontend);
    const names = policy.rules.map(({ name }) => name).filter((name) => name.startsWith("internal: "));
    expect(names).toMatchInlineSnapshot(`
      [
        "internal: outsiders",
        "internal: access rule 1",
        "internal: route 1 to directory",
        "internal: route 2 to zones",
        "internal: directory: other transfers",
        "internal: zones: transfers to r1",
        "internal: zones: transfers over UDP",
        "internal: zones: other transfers",
        "internal: other transfers",
        "internal: queries beyond 50/10s",
        "internal: directory: NOTIFY and UPDATE",
        "internal: directory: UDP to directory",
        "internal: directory: TCP to directory",
        "internal: directory: UDP to public",
        "internal: directory: UDP when all is down",
        "internal: directory: TCP to public",
        "internal: directory: TCP when all is down",
        "internal: zones: no recursion",
        "internal: zones: NOTIFY and UPDATE",
        "internal: zones: serials over UDP from r1",
        "internal: zones: serials over TCP from r1",
        "internal: zones: UDP to zones",
        "internal: zones: TCP to zones",
        "internal: zones: UDP when all is down",
        "internal: zones: TCP when all is down",
        "internal: NOTIFY and UPDATE",
        "internal: UDP to resolvers",
        "internal: TCP to resolvers",
        "internal: UDP when all is down",
        "internal: TCP when all is down",
      ]
    `);
    const tagged = ruleLines(policy.rules).filter((line) => line.includes('TagRule("route", "internal: zones")'));
    expect(tagged).toMatchInlineSnapshot(`
      [
        "AndRule({ OrRule({ QTypeRule("AXFR"), QTypeRule("IXFR") }), TCPRule(true), TagRule("route", "internal: zones"), NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true) }) -> PoolAction("zones:transfer")",
        "AndRule({ OrRule({ QTypeRule("AXFR"), QTypeRule("IXFR") }), TCPRule(false), TagRule("route", "internal: zones"), NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true) }) -> TCAction()",
        "AndRule({ OrRule({ QTypeRule("AXFR"), QTypeRule("IXFR") }), TagRule("route", "internal: zones") }) -> RCodeAction(DNSRCode.REFUSED)",
        "AndRule({ TagRule("route", "internal: zones"), NotRule(RecordsTypeCountRule(3, 250, 1, 1)) }) -> SetNoRecurseAction()",
        "AndRule({ OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }), TagRule("route", "internal: zones") }) -> RCodeAction(DNSRCode.REFUSED)",
        "AndRule({ QTypeRule("SOA"), TCPRule(false), TagRule("route", "internal: zones"), NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true), PoolAvailableRule("zones:transfer:udp") }) -> PoolAction("zones:transfer:udp")",
        "AndRule({ QTypeRule("SOA"), TCPRule(true), TagRule("route", "internal: zones"), NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true), PoolAvailableRule("zones:transfer") }) -> PoolAction("zones:transfer")",
        "AndRule({ TCPRule(false), TagRule("route", "internal: zones"), PoolAvailableRule("zones") }) -> PoolAction("zones")",
        "AndRule({ TCPRule(true), TagRule("route", "internal: zones"), PoolAvailableRule("zones:tcp") }) -> PoolAction("zones:tcp")",
        "AndRule({ TCPRule(false), TagRule("route", "internal: zones") }) -> PoolAction("zones:all")",
        "AndRule({ TCPRule(true), TagRule("route", "internal: zones") }) -> PoolAction("zones:tcp:all")",
      ]
    `);
    expect(policy.pools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["directory", "directory:tcp", "public", "zones:transfer", "resolvers"]),
    );
  });

  test("to the frontend's own pool take queries away from others, and need no rules of their own", () => {
    const routes = [route({ names: ["test."] }), route({ names: ["dmz.test."], pool: POOL })];
    const names = policyOf(routed(routes)).rules.map(({ name }) => name);
    expect(names).toContain("internal: route 2 to resolvers");
    expect(names.filter((name) => name.startsWith("internal: resolvers"))).toEqual([]);
  });

  test("do not count for the health of the node", () => {
    const loadBalancer = { ...PAIR, frontends: [routed([route({ names: ["test."] })])] };
    expect(primaryPools(loadBalancer).map(({ name }) => name)).toEqual(["resolvers"]);
  });
});
