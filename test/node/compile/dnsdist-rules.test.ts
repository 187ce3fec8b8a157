import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { call, constant, type DnsdistRule } from "../../../lib/config/dnsdist/model.js";
import type { AccessRule } from "../../../lib/model/access-rule.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import { type LoadBalancer, poolsOf } from "../../../lib/model/load-balancer.js";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";
import { QUERY_CLASSES, QUERY_TYPES } from "../../../lib/model/query-kind.js";
import type { RateLimit } from "../../../lib/model/rate-limit.js";
import type { Route } from "../../../lib/model/route.js";
import { dnsdistAccess, dnsdistOutsiders } from "../../../lib/node/compile/access.js";
import { dnsdistPorts, isOnDnsPort, toFrontend } from "../../../lib/node/compile/dnsdist-frontend.js";
import { dnsdistRules } from "../../../lib/node/compile/dnsdist-rules.js";
import { DROP, rule } from "../../../lib/node/compile/dnsdist-terms.js";
import { dnsdistIdentity } from "../../../lib/node/compile/identity.js";
import { ALIVE_NAME, poolAliveName } from "../../../lib/node/compile/names.js";
import { dnsdistOwnHealth, dnsdistPoolHealth, poolOption } from "../../../lib/node/compile/node-health.js";
import { dnsdistAlternatives, dnsdistRouting } from "../../../lib/node/compile/pool.js";
import { dnsdistRateLimit } from "../../../lib/node/compile/rate-limit.js";
import { branchesOf, dnsdistRoutes } from "../../../lib/node/compile/route.js";
import {
  dnsdistRecursion,
  dnsdistRefreshes,
  dnsdistTransfers,
  dnsdistWrites,
} from "../../../lib/node/compile/zone-operations.js";
import { featuresOf } from "../../../lib/node/features.js";
import type { BalancerWork } from "../../../lib/node/work.js";
import { type Judgement, judge, type Query } from "./judgement.js";
import { dnsListener, FALLBACK, FRONTEND, PAIR, POOL, PROFILE } from "./models.js";
import { ruleLines } from "./render.js";

function workOf(loadBalancer: LoadBalancer, versions: DaemonVersions = DEBIAN_13): BalancerWork {
  const [node, ...peers] = loadBalancer.nodes;
  if (node === undefined) throw new Error("no node");
  return { loadBalancer, node, peers, profile: { ...PROFILE, versions } };
}

/** The rules as one would write them down: the node first, then one frontend after the other, one access rule after the other. */
function plainly(work: BalancerWork): DnsdistRule[] {
  const { loadBalancer, profile } = work;
  const features = featuresOf(profile.versions);
  const [alive, other] = dnsdistOwnHealth(work);
  if (alive === undefined || other === undefined) throw new Error("the node has other rules");
  // Those on other ports first: on port 53, rules look at the address alone.
  const portOf = (frontend: Frontend) => Number(isOnDnsPort(frontend));
  const frontends = loadBalancer.frontends.toSorted((one, another) => portOf(one) - portOf(another));
  const isCached = poolsOf(loadBalancer).some(({ cache }) => cache !== undefined);
  return [
    ...(isCached ? NOT_CACHED.map((each) => rule("not cached", each, call("SetSkipCacheAction"))) : []),
    ...[alive, ...dnsdistPoolHealth(work), other],
    ...dnsdistPorts(loadBalancer),
    ...frontends.flatMap((frontend) => {
      const { routed, own } = branchesOf(frontend);
      const branches = [...routed, own];
      return [
        ...dnsdistOutsiders(frontend),
        ...frontend.accessRules.flatMap((each) => dnsdistAccess({ ...frontend, accessRules: [each] }, features)),
        ...dnsdistRoutes(frontend),
        ...branches.flatMap((branch) => dnsdistTransfers(frontend, branch)),
        ...dnsdistRateLimit(frontend),
        ...dnsdistIdentity(frontend.name, toFrontend(frontend), work),
        ...branches.flatMap((branch) => [
          ...dnsdistRecursion(branch),
          ...dnsdistWrites(branch),
          ...dnsdistRefreshes(frontend, branch),
          ...dnsdistRouting(branch),
          ...dnsdistAlternatives(branch, features),
        ]),
      ];
    }),
    rule("everything else", call("AllRule"), DROP),
  ];
}

/** What is not kept in a cache: messages that are no queries, and transfers. */
const NOT_CACHED = [
  call("NotRule", call("OpcodeRule", constant("DNSOpcode.Query"))),
  call("QTypeRule", "AXFR"),
  call("QTypeRule", "IXFR"),
];

const NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.2.0.0/16", "192.0.2.0/24", "fd53::/64"] as const;
const EVERYBODY = ["0.0.0.0/0", "::/0"] as const;
const MANY = Array.from({ length: 100 }, (_, index) => `10.${1 + (index % 2)}.${index % 256}.0/24`);
const ADDRESSES = ["10.0.0.53", "10.0.0.54", "fd53::53", "10.0.0.2"] as const;
const NAMES = ["example.", "a.example.", "b.a.example.", "corp.test."] as const;

const CACHE = { entries: 1_000, maximumTtl: "1h", minimumTtl: "0s", serveStale: false } as const;

const networks = fc.uniqueArray(fc.constantFrom(...NETWORKS), { maxLength: 2 });
const someNetworks = fc.uniqueArray(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 2 });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const clients = fc.oneof(fc.constantFrom(EVERYBODY, ["10.0.0.0/8"], ["::/0"], MANY), someNetworks);
const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 });

/** What the servers of a pool take beside queries: each alone is what one condition about it could miss. */
const PERMISSIONS: readonly (readonly string[])[] = [
  ...[[], [], ["transfers"], ["NOTIFY"], ["UPDATE"]],
  ...[
    ["transfers", "NOTIFY"],
    ["NOTIFY", "UPDATE"],
    ["transfers", "NOTIFY", "UPDATE"],
  ],
];

const pools: fc.Arbitrary<Pool> = fc
  .record({
    name: fc.constantFrom("p1", "p2", "p3"),
    role: fc.constantFrom("resolver", "authoritative"),
    whenAllDown: fc.constantFrom("try-all", "refuse", "servfail"),
    minimumUp: fc.constantFrom(1, 2),
    belowMinHealthy: fc.constantFrom("down", "try-all"),
    hasFallback: fc.boolean(),
    hasCache: fc.integer({ min: 1, max: 4 }).map((drawn) => drawn === 1),
    transfers: fc.record({ servers: fc.constantFrom(["r1"], ["r1", "r2"]), allowFrom: someNetworks }),
    notifyFrom: someNetworks,
    updateFrom: someNetworks,
    permits: fc.constantFrom(...PERMISSIONS),
  })
  .map(({ hasFallback, hasCache, transfers, notifyFrom, updateFrom, permits, ...pool }) => ({
    ...{ ...POOL, ...pool, zones: pool.role === "authoritative" ? ["example."] : [] },
    ...(hasFallback ? { fallback: FALLBACK } : {}),
    ...(hasCache ? { cache: CACHE } : {}),
    ...(permits.includes("transfers") ? { zoneTransfer: transfers } : {}),
    ...(permits.includes("NOTIFY") ? { notifyFrom } : {}),
    ...(permits.includes("UPDATE") ? { updateFrom } : {}),
  }));

const accessRules: fc.Arbitrary<AccessRule> = fc
  .record({
    action: fc.constantFrom("refuse", "refuse", "drop", "truncate", "minimal-any"),
    from: fc.constantFrom([], [], ["10.1.0.0/16"], ["10.1.1.0/24"], ["10.2.0.0/16"]),
    names: fc.constantFrom([], [], ["example."], ["a.example."], ["corp.test."]),
    types: fc.constantFrom<AccessRule["types"][]>([], [], ["ANY"], ["A"], [28]),
    classes: fc.constantFrom<NonNullable<AccessRule["classes"]>[]>([], [], [], ["CH"], [1]),
    opcodes: fc.constantFrom<NonNullable<AccessRule["opcodes"]>[]>([], [], [], ["NOTIFY"], ["UPDATE"]),
    reason: sometimes(fc.constantFrom("filtered", "blocked")),
    ttl: sometimes(fc.constantFrom("1h", "2h")),
  })
  .map(({ reason, ttl, ...each }) => ({
    ...(each.action === "minimal-any" ? { ...each, types: ["ANY" as const] } : each),
    ...(each.action === "minimal-any" && ttl !== undefined ? { ttl } : {}),
    ...(each.action === "refuse" && reason !== undefined ? { extendedError: { code: reason } } : {}),
  }));

/** Conditions, of which one takes the place of a rule's own. */
const conditions: fc.Arbitrary<Partial<AccessRule>> = fc.oneof(
  fc.record({ from: fc.constantFrom([], ["10.1.1.0/24"], ["10.2.0.0/16"], ["10.9.0.0/16"]) }),
  fc.record({ names: fc.constantFrom([], ["example."], ["corp.test."]) }),
);

/** A rule by client and name alone, which many queries meet. */
const wideRules: fc.Arbitrary<AccessRule> = fc.record({
  action: fc.constantFrom("refuse", "drop"),
  from: fc.constantFrom(["10.1.0.0/16"], ["10.1.1.0/24"], ["10.2.0.0/16"]),
  names: fc.constantFrom(["example."], ["a.example."], ["corp.test."]),
  types: fc.constant([]),
});

/** A rule, then one for other clients, and one for other names, in any order: not all of them together. */
const crossing: fc.Arbitrary<AccessRule[]> = fc
  .tuple(wideRules, fc.constantFrom(["10.1.1.0/24"], ["10.2.0.0/16"]), fc.constantFrom(["example."], ["corp.test."]))
  .chain(([first, from, others]) =>
    fc
      .shuffledSubarray(
        [
          { ...first, from },
          { ...first, names: others },
        ],
        { minLength: 2 },
      )
      .map((more) => [first, ...more]),
  );

/** Any rules, or rules that differ in little from the first. */
const accessLists: fc.Arbitrary<AccessRule[]> = fc.oneof(
  fc.array(accessRules, { maxLength: 5 }),
  fc
    .tuple(fc.oneof(accessRules, wideRules), fc.array(conditions, { minLength: 1, maxLength: 4 }))
    .map(([first, others]) => [first, ...others.map((changes) => ({ ...first, ...changes }))]),
  crossing,
);

const rateLimits: fc.Arbitrary<RateLimit> = fc.record({
  per: fc.constant({ ipv4: 32, ipv6: 64 }),
  exempt: networks,
  exceeded: fc.constantFrom("truncate", "drop", "refuse"),
  queries: fc.constant({ events: 50, period: 10_000, text: "50/10s" }),
});

const routesTo = (pool: fc.Arbitrary<Pool>): fc.Arbitrary<Route> =>
  fc.record({
    pool,
    from: networks,
    names,
    types: fc.constantFrom<Route["types"][]>([], [], ["TXT"], ["SOA"], ["AXFR"]),
  });

const frontendsTo = (pool: fc.Arbitrary<Pool>): fc.Arbitrary<Frontend> =>
  fc
    .record({
      addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { minLength: 1, maxLength: 2 }),
      ports: fc.constantFrom<readonly number[]>([53], [53], [53], [53], [53, 853], [5353], [5300], [5353, 8853]),
      pool,
      tcpPath: fc.constantFrom("direct", "inspected"),
      allowFrom: clients,
      isPlain: fc.boolean(),
      accessRules: accessLists,
      routes: fc.array(routesTo(pool), { maxLength: 3 }),
      rateLimit: sometimes(rateLimits),
    })
    .map(({ ports: [port = 53, dot], isPlain, accessRules: rules, routes, rateLimit, ...frontend }) => ({
      ...{ ...FRONTEND, ...frontend, accessRules: isPlain ? [] : rules },
      ...(isPlain ? {} : { routes, ...(rateLimit === undefined ? {} : { rateLimit }) }),
      listeners: [
        dnsListener("dns", port),
        ...(dot === undefined
          ? []
          : [
              {
                ...({ kind: "dot", name: "dot", port: dot, minimumTlsVersion: "1.2", idleTimeout: "10s" } as const),
                certificate: { kind: "local-file", path: "dot.pem" } as const,
              },
            ]),
      ],
    }));

/** Load balancers without two listeners at one place. */
const loadBalancers: fc.Arbitrary<LoadBalancer> = fc
  .uniqueArray(pools, { selector: ({ name }) => name, minLength: 1, maxLength: 3 })
  .chain((some) => fc.array(frontendsTo(fc.constantFrom(...some)), { minLength: 1, maxLength: 5 }))
  .map((drawn) => {
    const taken = new Set<string>();
    const frontends = drawn.filter(({ addresses, listeners }) => {
      const places = addresses.flatMap((address) => listeners.map(({ port }) => `${address} ${port}`));
      const isFree = places.every((place) => !taken.has(place));
      if (isFree) for (const place of places) taken.add(place);
      return isFree;
    });
    return { ...PAIR, frontends: frontends.map((each, index) => ({ ...each, name: `f${index + 1}` })) };
  })
  .chain((balancer) => fc.boolean().map((identity) => ({ ...balancer, identity })));

const QUERIES = {
  source: [
    "10.1.1.1",
    "10.1.7.1",
    "10.2.1.1",
    "10.9.1.1",
    "192.0.2.9",
    "203.0.113.9",
    "fd53::9",
    "10.0.0.2",
    "10.0.0.3",
  ],
  destination: [...ADDRESSES, ...ADDRESSES, "127.0.0.1", "10.0.0.99"],
  port: [53, 53, 53, 53, 853, 5353, 5300, 8853],
  name: [
    ...NAMES,
    ...NAMES,
    ".",
    POOL.healthCheck.name,
    ALIVE_NAME,
    ...["p1", "p2", "p3"].map((name) => poolAliveName({ ...POOL, name })),
  ],
  type: (["A", "A", "AAAA", "SOA", "AXFR", "IXFR", "ANY", "TXT"] as const).map((type) => QUERY_TYPES[type]),
  class: [1, 1, 1, 3],
  opcode: [0, 0, 0, 0, 2, 4, 4, 5],
  options: [[], [], [poolOption(0)], [poolOption(1)], [poolOption(2)]],
} as const;

/** A query, and the place among those where frontends listen that it is for, if it is for one. */
interface Asked {
  readonly query: Query;
  readonly place: number | undefined;
}

/** A probe of a peer, or nearly one. */
const PROOF = { tcp: false, source: "10.0.0.3", destination: "10.0.0.2", port: 53, opcode: 0, type: QUERY_TYPES.A };

/** A question for the name of the node, or nearly one. */
const IDENTITY = { class: QUERY_CLASSES.CH, type: QUERY_TYPES.TXT, name: "id.server." };

const queries: fc.Arbitrary<Asked> = fc
  .record({
    tcp: fc.boolean(),
    source: fc.constantFrom(...QUERIES.source, "127.0.0.1"),
    destination: fc.constantFrom(...QUERIES.destination),
    port: fc.constantFrom(...QUERIES.port),
    name: fc.constantFrom(...QUERIES.name),
    type: fc.constantFrom(...QUERIES.type),
    class: fc.constantFrom(...QUERIES.class),
    opcode: fc.constantFrom(...QUERIES.opcode),
    wantsDnssec: fc.boolean(),
    options: fc.constantFrom(...QUERIES.options),
    signatures: fc.constantFrom(0, 0, 1, 2),
    place: fc.option(fc.nat(), { nil: undefined, freq: 3 }),
    isProof: fc.integer({ min: 1, max: 20 }).map((drawn) => drawn === 1),
    identity: fc.constantFrom({}, {}, {}, IDENTITY, { ...IDENTITY, class: 1 }, { ...IDENTITY, type: 1 }),
    up: fc.array(fc.nat({ max: 3 }), { minLength: 7, maxLength: 7 }),
    beyond: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  })
  .map(({ up, beyond, isProof, identity, place, ...query }) => ({
    place: isProof ? undefined : place,
    query: {
      ...{ ...query, ...identity },
      ...(isProof ? { ...PROOF, name: POOL.healthCheck.name } : {}),
      serversUp: (pool) => up[placeOf(pool, up.length)] ?? 0,
      isBeyond: (limiter) => beyond[placeOf(limiter, beyond.length)] ?? false,
    },
  }));

function sentTo({ frontends }: LoadBalancer, { query, place }: Asked): Query {
  const places = frontends.flatMap(({ addresses, listeners }) =>
    addresses.flatMap((destination) => listeners.map(({ port }) => ({ destination, port }))),
  );
  return place === undefined ? query : { ...query, ...places[place % places.length] };
}

function placeOf(text: string, places: number): number {
  return [...text].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % places;
}

/** What a judgement is about, without the frontend, the pool and numbers. */
function kindOf({ rule: name }: Judgement): string {
  return name
    .replace(/^(f\d|this node): /, "")
    .replace(/\b(p\d|r\d|public)(: )?/g, "")
    .replace(/ \d.*/, "")
    .trim();
}

const KINDS = [
  ...["ports other than", "outsiders", "access rule", "queries beyond", "everything else"],
  ...["transfers to", "transfers over UDP", "other transfers", "NOTIFY and UPDATE", "other NOTIFY and UPDATE"],
  ...["UDP to", "UDP to all of", "UDP when all is down", "TCP to", "TCP to all of", "TCP when all is down"],
  ...["identity", "alive", "has servers", "servers of , asked by the other node", "other names"],
];

describe("the rules of dnsdist", () => {
  test("do with each query what they would do one frontend after the other", { timeout: 120_000 }, () => {
    const kinds = new Set<string>();
    const run = fc.property(
      loadBalancers,
      fc.constantFrom(DEBIAN_12, DEBIAN_13),
      fc.array(queries, { minLength: 40, maxLength: 40 }),
      (loadBalancer, versions, asked) => {
        const work = workOf(loadBalancer, versions);
        const [shipped, plain] = [dnsdistRules(work), plainly(work)];
        for (const each of asked) {
          const query = sentTo(loadBalancer, each);
          const [is, should] = [judge(shipped, query, true), judge(plain, query, false)];
          kinds.add(kindOf(is));
          const { rule: one, ...made } = is;
          const { rule: other, ...wanted } = should;
          expect(made, `by '${one}' instead of '${other}'`).toEqual(wanted);
        }
      },
    );
    // The seed stays, so that whether each kind of rule has ended some does not depend on chance. A failure is shown as it is:
    // to make it smaller takes minutes.
    fc.assert(run, { numRuns: 250, seed: 53, endOnFailure: true });
    expect([...kinds]).toEqual(expect.arrayContaining(KINDS));
  });

  test("have a name of their own each", () => {
    fc.assert(
      fc.property(loadBalancers, (loadBalancer) => {
        const given = dnsdistRules(workOf(loadBalancer)).map(({ name }) => name);
        expect(new Set(given).size).toBe(given.length);
      }),
    );
  });
});

describe("many frontends", () => {
  const zones: Pool = { ...POOL, name: "zones", role: "authoritative", zones: ["example."], fallback: FALLBACK };
  const at = (name: string, address: string, changes: Partial<Frontend> = {}): Frontend => ({
    ...{ ...FRONTEND, name, addresses: [address], pool: zones, listeners: [dnsListener(name)] },
    ...changes,
  });
  const namesOf = (...frontends: Frontend[]) => dnsdistRules(workOf({ ...PAIR, frontends })).map(({ name }) => name);

  test("are asked for one after the other by the rules that lead to their pools, then comes what is seldom", () => {
    const judged = at("judged", "10.0.0.55", {
      accessRules: [{ action: "drop", from: [], names: [], types: ["ANY"] }],
    });
    const second = at("second", "10.0.0.53", { listeners: [dnsListener("second", 5353)] });
    expect(namesOf(judged, at("one", "10.0.0.53"), second, at("two", "10.0.0.54"))).toMatchInlineSnapshot(`
      [
        "ports other than 53",
        "ports other than 53 5353",
        "second: outsiders",
        "second: no recursion",
        "second: NOTIFY and UPDATE",
        "second: UDP to zones",
        "second: TCP to zones",
        "second: UDP to public",
        "second: UDP when all is down",
        "second: TCP to public",
        "second: TCP when all is down",
        "authoritative frontends: no recursion",
        "one: NOTIFY and UPDATE",
        "one: UDP to zones",
        "one: TCP to zones",
        "two: NOTIFY and UPDATE",
        "two: UDP to zones",
        "two: TCP to zones",
        "judged: outsiders",
        "judged: access rule 1",
        "judged: no recursion",
        "judged: NOTIFY and UPDATE",
        "judged: UDP to zones",
        "judged: TCP to zones",
        "one: outsiders",
        "two: outsiders",
        "one: UDP to public",
        "one: UDP when all is down",
        "one: TCP to public",
        "one: TCP when all is down",
        "two: UDP to public",
        "two: UDP when all is down",
        "two: TCP to public",
        "two: TCP when all is down",
        "judged: UDP to public",
        "judged: UDP when all is down",
        "judged: TCP to public",
        "judged: TCP when all is down",
        "this node: zones has servers",
        "this node: servers of zones, asked by the other node",
        "this node: alive",
        "this node: other names",
        "everything else",
      ]
    `);
  });

  test("have one rule about recursion, which asks nobody for the client", () => {
    const lines = ruleLines(
      dnsdistRules(workOf({ ...PAIR, frontends: [at("one", "10.0.0.53"), at("two", "10.0.0.54")] })),
    );
    expect(lines[0]).toMatchInlineSnapshot(
      `"AndRule({ NetmaskGroupRule(netmasks({ "10.0.0.53/32", "10.0.0.54/32" }), false), NotRule(RecordsTypeCountRule(3, 250, 1, 1)) }) -> SetNoRecurseAction()"`,
    );
  });

  test("have their clients in the rules that lead to their pools, unless these are many", () => {
    expect(namesOf(at("one", "10.0.0.53", { allowFrom: MANY })).slice(1, 3)).toEqual([
      "one: outsiders",
      "one: NOTIFY and UPDATE",
    ]);
    expect(ruleLines(dnsdistRules(workOf({ ...PAIR, frontends: [at("one", "10.0.0.53")] }))).slice(1, 3)).toEqual([
      'AndRule({ OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false) }) -> RCodeAction(DNSRCode.REFUSED)',
      'AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false), NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true), PoolAvailableRule("zones") }) -> PoolAction("zones")',
    ]);
  });

  test("tell the name of the node to those whom they serve, where the daemon can", () => {
    const balancer = { ...PAIR, identity: true, frontends: [at("one", "10.0.0.53", { pool: POOL })] };
    const identity = (versions?: DaemonVersions) =>
      ruleLines(dnsdistRules(workOf(balancer, versions)).filter(({ name }) => name === "one: identity"));
    expect(identity()).toEqual([
      'AndRule({ QClassRule(3), QTypeRule("TXT"), OpcodeRule(DNSOpcode.Query), OrRule({ QNameRule("id.server."), QNameRule("hostname.bind.") }), NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false), NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true) }) -> SpoofRawAction("\\003lb1", { ttl = 0, aa = true, ra = false })',
    ]);
    expect(identity(DEBIAN_12)).toEqual([]);
  });

  test("come after the health of pools where a node answers at its own address", () => {
    expect(namesOf(at("one", "10.0.0.2"))[0]).toBe("this node: zones has servers");
    expect(namesOf(at("one", "10.0.0.53")).slice(-5)).toMatchInlineSnapshot(`
      [
        "this node: zones has servers",
        "this node: servers of zones, asked by the other node",
        "this node: alive",
        "this node: other names",
        "everything else",
      ]
    `);
  });
});
