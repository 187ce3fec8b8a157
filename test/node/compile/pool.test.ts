import { describe, expect, test } from "vitest";
import { luaText } from "../../../lib/config/dnsdist/lua-text.js";
import { call, type LuaValue } from "../../../lib/config/dnsdist/model.js";
import { DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";
import { toFrontend } from "../../../lib/node/compile/dnsdist-frontend.js";
import {
  dnsdistAlternatives,
  dnsdistPools,
  dnsdistRouting,
  dnsdistServers,
  haproxyPool,
  haproxyRouting,
  poolSecretFiles,
} from "../../../lib/node/compile/pool.js";
import { ringIds } from "../../../lib/node/compile/source-hash.js";
import { featuresOf } from "../../../lib/node/features.js";
import { FALLBACK, FRONTEND, POOL } from "./models.js";
import { directiveLines, ruleLines } from "./render.js";

const [OLD, NEW] = [featuresOf(DEBIAN_12), featuresOf(DEBIAN_13)] as const;
const branch = (changes: Partial<Pool>) => {
  const pool = { ...POOL, ...changes };
  return { name: FRONTEND.name, pool, here: toFrontend(FRONTEND) };
};
const TRUST = "/trust.pem";
const VERDICTS = "/run/verdicts";
const haproxyLines = (pool = POOL) => directiveLines(haproxyPool(pool, TRUST, "10s", 53).directives);

describe("a pool, for both daemons", () => {
  test("has the same servers with the same weights", () => {
    expect(haproxyLines()).toEqual(
      expect.arrayContaining(["server r1 192.0.2.1:53 weight 1", "server r2 [2001:db8::2]:5353 weight 3"]),
    );
    expect(dnsdistServers(POOL, TRUST).map(({ id, options }) => [id, options.address, options.weight])).toEqual([
      ["resolvers/r1", "192.0.2.1:53", 1],
      ["resolvers:tcp/r1", "192.0.2.1:53", 1],
      ["resolvers/r2", "[2001:db8::2]:5353", 3],
      ["resolvers:tcp/r2", "[2001:db8::2]:5353", 3],
    ]);
  });

  test("judges each transport by itself", () => {
    const [udp, tcp] = dnsdistServers(POOL, TRUST);
    expect(udp?.options).not.toHaveProperty("checkTCP");
    expect(tcp?.options).toMatchObject({ tcpOnly: true, checkTCP: true });
    expect(udp?.pools).toEqual(["resolvers", "resolvers:all"]);
    expect(tcp?.pools).toEqual(["resolvers:tcp", "resolvers:tcp:all"]);
  });

  test.each([
    ["least-connections", "balance leastconn", "leastOutstanding"],
    ["round-robin", "balance roundrobin", "roundRobin"],
    ["random", "balance random", "wrandom"],
    ["source-hash", "balance source", "sourceHash"],
    ["first", "balance first", "firstAvailable"],
  ] as const)("balances by %s", (kind, haproxy, dnsdist) => {
    const pool = { ...POOL, balance: { kind } };
    expect(haproxyLines(pool)).toContain(haproxy);
    for (const name of ["resolvers", "resolvers:tcp"]) {
      expect(dnsdistPools(pool, VERDICTS)).toContainEqual(expect.objectContaining({ name, policy: dnsdist }));
    }
  });

  test("balances UDP and TCP apart", () => {
    const pool = { ...POOL, balance: { kind: "first" }, tcpBalance: { kind: "source-hash" } } as const;
    const lines = directiveLines(haproxyPool(pool, TRUST, "10s", 53).directives);
    expect(lines.slice(0, 2)).toEqual(["balance source", "hash-type consistent sdbm avalanche"]);
    expect(lines.at(-1)).toMatch(/ id \d+$/);
    const policies = dnsdistPools(pool, VERDICTS).map(({ name, policy }) => [name, policy]);
    expect(policies.filter(([, policy]) => policy !== "sendAnyway")).toEqual([
      ["resolvers", "firstAvailable"],
      ["resolvers:tcp", "sourceHash"],
    ]);
    for (const { id, options } of dnsdistServers(pool, TRUST)) {
      expect("order" in options, id).toBe(!id.startsWith("resolvers:tcp/"));
    }
  });

  test("tells dnsdist the order of servers of which the first serves, and HAProxy nothing", () => {
    const pool = { ...POOL, balance: { kind: "first" } as const };
    const orders = dnsdistServers(pool, TRUST).map(({ id, options }) => [id, options.order]);
    expect(orders).toEqual([
      ["resolvers/r1", 1],
      ["resolvers:tcp/r1", 1],
      ["resolvers/r2", 2],
      ["resolvers:tcp/r2", 2],
    ]);
    for (const { options } of dnsdistServers(POOL, TRUST)) expect(options).not.toHaveProperty("order");
    expect(haproxyLines(pool).filter((line) => line.startsWith("server "))).toEqual(
      haproxyLines().filter((line) => line.startsWith("server ")),
    );
  });

  test("gives servers places on HAProxy's ring by their names, and points by their weights", () => {
    const pool = { ...POOL, balance: { kind: "source-hash" } as const };
    const [r1, r2] = POOL.servers.map(({ name }) => ringIds(POOL.servers).get(name));
    expect(haproxyLines(pool)).toContain("hash-type consistent sdbm avalanche");
    expect(haproxyLines(pool).filter((line) => line.startsWith("server "))).toEqual([
      `server r1 192.0.2.1:53 weight 16 id ${r1}`,
      `server r2 [2001:db8::2]:5353 weight 48 id ${r2}`,
    ]);
    expect(haproxyLines().join("\n")).not.toMatch(/ id |hash-type/);
  });

  test("judges answers in dnsdist too, but of servers over TLS", () => {
    expect(dnsdistPools(POOL, VERDICTS).map(({ name, judge }) => [name, judge !== undefined])).toEqual([
      ["resolvers", true],
      ["resolvers:all", false],
      ["resolvers:tcp", true],
      ["resolvers:tcp:all", false],
    ]);
    expect(dnsdistPools(FALLBACK, VERDICTS).filter(({ judge }) => judge !== undefined)).toEqual([]);
    expect(dnsdistServers(POOL, TRUST).map(({ options }) => options.mustResolve)).toEqual([false, false, false, false]);
    expect(dnsdistServers(FALLBACK, TRUST).map(({ options }) => options.mustResolve)).toEqual([true]);
  });

  test("has one cache in dnsdist, for servers that are up or all, and alone for what is stale", () => {
    const cache = { entries: 500, maximumTtl: "1500ms", minimumTtl: "1s", serveStale: false } as const;
    const named = (changes: Partial<Pool>) =>
      dnsdistPools({ ...POOL, ...changes }, VERDICTS).flatMap(({ name, cache: found }) =>
        found ? [[name, found]] : [],
      );
    expect(named({})).toEqual([]);
    const own = { name: "resolvers", entries: 500, maximumTtl: 2, minimumTtl: 1, stale: false };
    const names = ["resolvers", "resolvers:all", "resolvers:tcp", "resolvers:tcp:all"];
    expect(named({ cache })).toEqual(names.map((name) => [name, own]));
    const stale = { whenAllDown: "servfail", cache: { ...cache, serveStale: true } } as const;
    expect(named(stale)).toEqual(
      [
        "resolvers",
        "resolvers:all",
        "resolvers:stale",
        "resolvers:tcp",
        "resolvers:tcp:all",
        "resolvers:tcp:stale",
      ].map((name) => [name, { ...own, stale: true }]),
    );
    const last = ruleLines(dnsdistAlternatives(branch(stale), NEW)).map((line) => line.replace(/^.* -> /, ""));
    expect(last).toEqual(['PoolAction("resolvers:stale")', 'PoolAction("resolvers:tcp:stale")']);
  });

  test("tells servers who asks, if they expect it", () => {
    const pool = { ...POOL, clientAddress: "proxy-protocol" as const };
    expect(haproxyLines(pool)).toContain(
      "default-server check inter 2s fall 3 rise 2 send-proxy-v2 on-marked-down shutdown-sessions",
    );
    for (const { options } of dnsdistServers(pool, TRUST)) expect(options.useProxyProtocol).toBe(true);
    expect(haproxyLines().join("\n")).not.toContain("send-proxy");
    for (const { options } of dnsdistServers(POOL, TRUST)) expect(options).not.toHaveProperty("useProxyProtocol");
  });

  test("verifies the names of servers that are asked over TLS", () => {
    expect(haproxyLines(FALLBACK)).toContainEqual(
      expect.stringContaining("ssl verify required ca-file /trust.pem verifyhost dns.quad9.net sni str(dns.quad9.net)"),
    );
    expect(dnsdistServers(FALLBACK, TRUST)).toMatchObject([
      {
        id: "public/quad9",
        pools: ["public", "public:all", "public:tcp", "public:tcp:all"],
        options: { tls: "openssl", subjectName: "dns.quad9.net", validateCertificates: true, caStore: TRUST },
      },
    ]);
  });

  test("probes servers over TLS over TLS", () => {
    expect(haproxyLines(FALLBACK)).toContain("tcp-check connect default");
    expect(haproxyLines()).toContain("tcp-check connect");
  });

  test("trusts the authorities that a pool has for its servers", () => {
    const trust = { kind: "node-file", path: "/private.pem" } as const;
    const pool = { ...FALLBACK, trust };
    expect(haproxyLines(pool)).toContainEqual(expect.stringContaining(" ca-file ../secrets/pools/public.pem "));
    expect(dnsdistServers(pool, TRUST)).toMatchObject([{ options: { caStore: "secrets/pools/public.pem" } }]);
    expect(poolSecretFiles(pool)).toEqual([{ path: "secrets/pools/public.pem", source: trust }]);
    expect(poolSecretFiles(FALLBACK)).toEqual([]);
  });

  test.each([
    ["resolvers:transfer:udp", "resolvers/r2"],
    ["resolvers:transfer", "resolvers:tcp/r2"],
  ])("has one server for transfers and the questions before them, in pool %s", (name, id) => {
    const pool = { ...POOL, zoneTransfer: { servers: ["r2"], allowFrom: ["192.0.2.0/24"] } };
    const members = dnsdistServers(pool, TRUST).filter(({ pools }) => pools.includes(name));
    expect(members.map((member) => member.id)).toEqual([id]);
    expect(dnsdistPools(pool, VERDICTS)).toContainEqual({ name, policy: "sendAnyway" });
  });

  test("has one server for transfers over TLS, which serves both transports", () => {
    const pool = { ...FALLBACK, zoneTransfer: { servers: ["quad9"], allowFrom: ["192.0.2.0/24"] } };
    expect(dnsdistServers(pool, TRUST)).toMatchObject([
      { pools: expect.arrayContaining(["public:transfer:udp", "public:transfer"]) },
    ]);
  });
});

describe("the way to a pool", () => {
  test("leads through HAProxy directly, and through dnsdist when no server is left", () => {
    expect(directiveLines(haproxyRouting(FRONTEND))).toEqual([
      // NOTIFY and UPDATE.
      "use_backend dnsdist:tcp if { req.payload(4,1),hex -m beg 2 }",
      "use_backend dnsdist:tcp if { nbsrv(resolvers) eq 0 }",
      "default_backend resolvers",
    ]);
    expect(directiveLines(haproxyRouting({ ...FRONTEND, tcpPath: "inspected" }))).toEqual([
      "default_backend dnsdist:tcp",
    ]);
  });

  const routing = (...[of, features]: Parameters<typeof dnsdistAlternatives>) =>
    ruleLines([...dnsdistRouting(of), ...dnsdistAlternatives(of, features)]);

  test("leads to the fallback, then to what is left, on each transport", () => {
    const lines = routing(branch({ fallback: FALLBACK }), OLD);
    const here = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
    expect(lines).toEqual([
      `AndRule({ TCPRule(false), ${here}, PoolAvailableRule("resolvers") }) -> PoolAction("resolvers")`,
      `AndRule({ TCPRule(true), ${here}, PoolAvailableRule("resolvers:tcp") }) -> PoolAction("resolvers:tcp")`,
      `AndRule({ TCPRule(false), ${here}, PoolAvailableRule("public") }) -> PoolAction("public")`,
      `AndRule({ TCPRule(false), ${here} }) -> PoolAction("resolvers:all")`,
      `AndRule({ TCPRule(true), ${here}, PoolAvailableRule("public:tcp") }) -> PoolAction("public:tcp")`,
      `AndRule({ TCPRule(true), ${here} }) -> PoolAction("resolvers:tcp:all")`,
    ]);
  });

  test("leads elsewhere below the servers that must be up", () => {
    const pool = { ...POOL, minimumUp: 2, belowMinHealthy: "down", fallback: FALLBACK } as const;
    expect(directiveLines(haproxyRouting({ ...FRONTEND, pool }))).toEqual([
      "use_backend dnsdist:tcp if { req.payload(4,1),hex -m beg 2 }",
      "use_backend dnsdist:tcp if { nbsrv(resolvers) lt 2 }",
      "default_backend resolvers",
    ]);
    const here = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
    const available = `AndRule({ TCPRule(false), ${here}, PoolAvailableRule("resolvers") })`;
    const udp = (changes: Partial<Pool>) =>
      routing(branch({ ...pool, ...changes }), OLD).filter((line) => line.includes("TCPRule(false)"));
    const last = [
      `AndRule({ TCPRule(false), ${here}, PoolAvailableRule("public") }) -> PoolAction("public")`,
      `AndRule({ TCPRule(false), ${here} }) -> PoolAction("resolvers:all")`,
    ];
    expect(udp({})).toEqual([`whileUp("resolvers", 2, ${available}) -> PoolAction("resolvers")`, ...last]);
    expect(udp({ belowMinHealthy: "try-all" })).toEqual([
      `whileUp("resolvers", 2, ${available}) -> PoolAction("resolvers")`,
      `${available} -> PoolAction("resolvers:all")`,
      ...last,
    ]);
    expect(udp({ minimumUp: 1, belowMinHealthy: "try-all" })).toEqual([
      `${available} -> PoolAction("resolvers")`,
      ...last,
    ]);
  });

  test.each([
    ["try-all", call("PoolAction", "resolvers:all")],
    ["refuse", "RCodeAction(DNSRCode.REFUSED)"],
    ["servfail", "RCodeAction(DNSRCode.SERVFAIL)"],
  ] as const)("ends in %s when all is down", (whenAllDown, action: string | LuaValue) => {
    const [last = ""] = ruleLines(dnsdistAlternatives(branch({ whenAllDown }), OLD));
    expect(last).toContain(` -> ${typeof action === "string" ? action : luaText(action)}`);
  });

  test.each([
    ["try-all", []],
    ["refuse", ["SetExtendedDNSErrorAction(22)", "RCodeAction(DNSRCode.REFUSED)"]],
    ["servfail", ["SetExtendedDNSErrorAction(22)", "RCodeAction(DNSRCode.SERVFAIL)"]],
  ] as const)("says why with %s, where dnsdist can", (whenAllDown, actions) => {
    const lines = ruleLines(dnsdistAlternatives(branch({ whenAllDown }), NEW)).slice(0, Math.max(1, actions.length));
    const said = lines.map((line) => line.replace(/^.* -> /, ""));
    expect(said.filter((action) => !action.startsWith("PoolAction"))).toEqual(actions);
  });
});
