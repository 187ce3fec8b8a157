import { describe, expect, test } from "vitest";
import { parseDnsdistListeners, parseDnsdistPolicy } from "../../../lib/config/dnsdist/parse.js";
import { HaproxyConfig } from "../../../lib/config/haproxy/view.js";
import { parseKeepalived } from "../../../lib/config/keepalived/parse.js";
import type { Duration } from "../../../lib/core/duration.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { dnsListener, FALLBACK, FRONTEND, PAIR, POOL, PROFILE } from "./models.js";

const password = { kind: "variable", name: "password", value: "<the token of the password>" } as const;

const FULL: LoadBalancer = {
  ...PAIR,
  frontends: [
    {
      ...FRONTEND,
      pool: { ...POOL, fallback: FALLBACK },
      rateLimit: {
        ...{ per: { ipv4: 32, ipv6: 64 }, exempt: [], exceeded: "truncate" },
        connections: { events: 30, period: 10000, text: "30/10s" },
      },
      listeners: [
        dnsListener("internal"),
        {
          kind: "dot",
          name: "dot",
          port: 853,
          certificate: { kind: "local-file", path: "certs/dot.pem" },
          minimumTlsVersion: "1.2",
          clientAuth: { trust: { kind: "node-file", path: "/etc/clients.pem" }, mode: "optional" },
          idleTimeout: "30s",
          closeTimeout: "5s",
        },
      ],
    },
    {
      ...FRONTEND,
      name: "public",
      addresses: ["203.0.113.53"],
      tcpPath: "inspected",
      pool: { ...POOL, name: "auth" },
      listeners: [dnsListener("public")],
    },
  ],
  statistics: { addresses: ["10.0.0.53"], port: 8404, user: "ops", password },
};

const compile = (loadBalancer = FULL, index = 0) => {
  const node = loadBalancer.nodes[index];
  if (!node) throw new Error("the fixture has two nodes");
  return compileNode(loadBalancer, node, PROFILE);
};
const fileOf = (spec: ReturnType<typeof compile>, path: string) =>
  spec.files.find((file) => file.path === path)?.content ?? "";
const haproxyOf = (spec: ReturnType<typeof compile>) => HaproxyConfig.parse(fileOf(spec, "haproxy/haproxy.cfg"));

describe("how long clients may be idle where dnsdist inspects TCP", () => {
  const bothFor = (internal: Duration, inspected: Duration) =>
    compile({
      ...FULL,
      frontends: FULL.frontends.map((frontend) => ({
        ...frontend,
        listeners: frontend.listeners.map((listener) => ({
          ...listener,
          idleTimeout: frontend.tcpPath === "inspected" ? inspected : internal,
        })),
      })),
    });

  test.each<[Duration, Duration, number, string]>([
    ["10s", "5s", 30, "30s"],
    ["10s", "30s", 30, "30s"],
    ["10s", "31s", 120, "31s"],
    ["10s", "5m", 600, "5m"],
    ["10s", "1h", 3_600, "1h"],
    ["20m", "10s", 30, "20m"],
  ])("is what its listener says: %s direct, %s inspected", (internal, inspected, dnsdist, haproxy) => {
    const spec = bothFor(internal, inspected);
    const lines = fileOf(spec, "dnsdist/dnsdist.conf").split("\n");
    expect(lines).toContain(`setTCPRecvTimeout(${dnsdist})`);
    expect(lines).toContain("setTCPSendTimeout(600)");
    expect(fileOf(spec, "haproxy/haproxy.cfg")).toContain(
      `backend dnsdist:tcp\n  timeout server ${haproxy}\n  source 127.0.0.2\n`,
    );
  });
});

describe("a compiled node", () => {
  test("has the files of its daemons, in order", () => {
    expect(compile().files.map(({ path }) => path)).toEqual([
      "dnsdist/dnsdist.conf",
      "dnsdist/policy.lua",
      "dnsdist/runtime.lua",
      "haproxy/haproxy.cfg",
      "haproxy/lists/internal-allow.lst",
      "haproxy/lists/public-allow.lst",
      "haproxy/restarts-due.map",
      "keepalived/adverts.nft",
      "keepalived/keepalived.conf",
      "manifest.json",
    ]);
  });

  test("can be read back, every file of it", () => {
    const spec = compile();
    expect(
      haproxyOf(spec)
        .backend("resolvers")
        .servers.map(({ name }) => name),
    ).toEqual(["r1", "r2"]);
    expect(parseKeepalived(fileOf(spec, "keepalived/keepalived.conf")).blocks.length).toBeGreaterThan(5);
    expect(parseDnsdistListeners(fileOf(spec, "dnsdist/dnsdist.conf")).calls.length).toBeGreaterThan(5);
    expect(parseDnsdistPolicy(fileOf(spec, "dnsdist/policy.lua")).rules.at(-1)?.name).toBe("everything else");
  });

  test("is the same, byte for byte, every time", () => {
    expect(JSON.stringify(compile())).toBe(JSON.stringify(compile()));
  });

  test("says where its secrets come from, and holds none", () => {
    const spec = compile();
    expect(spec.secretFiles).toEqual([
      { path: "secrets/dot-clients.pem", source: { kind: "node-file", path: "/etc/clients.pem" } },
      { path: "secrets/dot.pem", source: { kind: "local-file", path: "certs/dot.pem" } },
      { path: "secrets/statistics-password", source: FULL.statistics?.password },
    ]);
    for (const { content } of spec.files) expect(content).not.toContain("the token of the password");
    expect(spec.manifest.compose).toEqual([
      {
        kind: "service",
        service: "haproxy",
        path: "haproxy/credentials.cfg",
        secret: "secrets/statistics-password",
        settings: { userlist: "statistics", user: "ops" },
      },
      {
        ...{ kind: "release-metric", path: "haproxy/release.prom" },
        restartDue: "%[str({service}),map(restarts-due.map,NaN)]",
        live: "%[str({key}),map(restarts-due.map,{value})]",
      },
    ]);
  });

  test("has one configuration on all nodes and platforms, and another one for another model", () => {
    const of = (loadBalancer: LoadBalancer, index: number, profile = PROFILE) => {
      const node = loadBalancer.nodes[index];
      return node && compileNode(loadBalancer, node, profile).manifest.configuration;
    };
    const elsewhere = { ...PROFILE, versions: DEBIAN_13, paths: { ...PROFILE.paths, state: "/elsewhere" } };
    const first = of(FULL, 0);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect([of(FULL, 1), of(FULL, 0, elsewhere)]).toEqual([first, first]);
    const frontends = FULL.frontends.map((frontend) => ({
      ...frontend,
      listeners: frontend.listeners.map((listener) => ({ ...listener, idleTimeout: "7s" as const })),
    }));
    expect(of({ ...FULL, frontends }, 0)).not.toBe(first);
  });

  test("has dnsdist end connections at an age, in seconds, only where one is given", () => {
    const ages = (loadBalancer: LoadBalancer) =>
      parseDnsdistListeners(fileOf(compile(loadBalancer), "dnsdist/dnsdist.conf")).calls.filter(
        ({ call }) => call === "setMaxTCPConnectionDuration",
      );
    expect(ages(FULL)).toEqual([]);
    expect(ages({ ...FULL, maximumConnectionAge: "10m" })).toEqual([
      { call: "setMaxTCPConnectionDuration", args: [600] },
    ]);
  });

  test("has one server in dnsdist's list from its start, due in every round of health checks, that no pool has", () => {
    const spec = compile();
    const servers = parseDnsdistListeners(fileOf(spec, "dnsdist/dnsdist.conf")).calls.filter(
      ({ call }) => call === "newServer",
    );
    expect(servers).toHaveLength(1);
    // dnsdist orders its list by `order`, and the policy's servers are of order 1, its default.
    expect(servers[0]?.args).toMatchObject([{ record: { order: 0, checkInterval: 1, pool: "dnslb:rounds" } }]);
    const { servers: others, pools } = parseDnsdistPolicy(fileOf(spec, "dnsdist/policy.lua"));
    for (const { options } of others) expect(options["order"] ?? 1).toBeGreaterThan(0);
    expect(pools.map(({ name }) => name)).not.toContain("dnslb:rounds");
  });

  test("has no keepalived where nothing brings addresses to it", () => {
    const nodes = FULL.nodes.slice(0, 1);
    const spec = compile({ ...FULL, nodes, virtualAddresses: [], mobility: { kind: "fixed" } });
    expect(spec.files.map(({ path }) => path)).not.toContain("keepalived/keepalived.conf");
    expect(spec.manifest.services.map(({ name }) => name)).toEqual(["haproxy", "dnsdist", "watch"]);
    expect(spec.manifest.mobility).toEqual({ kind: "fixed" });
  });

  test("tells the agent which virtual addresses it may have, and whether they stand on lo", () => {
    expect(compile().manifest.mobility).toEqual({
      kind: "vrrp",
      service: "keepalived",
      virtualAddresses: [
        { address: "10.0.0.53", interface: "eth0", onLoopback: true },
        { address: "fd53::53", interface: "eth0", onLoopback: true },
        { address: "203.0.113.53", interface: "eth1", onLoopback: true },
      ],
    });
  });

  test("tells the agent what each daemon calls each server", () => {
    const [auth, fallback, resolvers] = compile().manifest.pools;
    expect(resolvers).toMatchObject({
      name: "resolvers",
      servers: [
        {
          ...{ name: "r1", address: "192.0.2.1", port: 53 },
          names: {
            haproxy: { resolvers: "resolvers/r1" },
            dnsdist: { udp: "resolvers/r1", tcp: "resolvers:tcp/r1" },
          },
        },
        { name: "r2", address: "2001:db8::2", port: 5353 },
      ],
    });
    // HAProxy hands the TCP of an inspected pool to dnsdist, as it does with that of a fallback.
    expect(auth?.servers[0]?.names).toEqual({ dnsdist: { udp: "auth/r1", tcp: "auth:tcp/r1" } });
    expect(fallback?.servers[0]?.names).toEqual({ dnsdist: { udp: "public/quad9" } });
  });

  test("calls servers in the manifest as its daemons do", () => {
    const spec = compile();
    const known = parseDnsdistPolicy(fileOf(spec, "dnsdist/policy.lua")).servers.map(({ id }) => id);
    const named = spec.manifest.pools.flatMap(({ servers }) => servers.map(({ names }) => names));
    expect(named.flatMap(({ dnsdist = {} }) => Object.values(dnsdist)).sort()).toEqual([...known].sort());
    const backends = named.flatMap(({ haproxy = {} }) => Object.entries(haproxy));
    for (const [backend, name] of backends) {
      const servers = haproxyOf(spec)
        .backend(backend)
        .servers.map((server) => `${backend}/${server.name}`);
      expect(servers).toContain(name);
    }
    expect(backends.length).toBe(2);
  });

  test("terminates DNS over TLS with the access, limits and pool of the frontend", () => {
    const { lines } = haproxyOf(compile()).frontend("dot");
    // Each listener has limits of its own.
    const limits = (name: string) => [
      "maxconn 3900",
      "backlog 1950",
      "stick-table type ipv6 size 10k expire 10s store conn_cur",
      `tcp-request connection reject if { fe_conn ge 650 } { src,ipmask(32,64),table_conn_cur(${name}) ge 100 }`,
      "tcp-request connection reject if { fe_conn ge 1300 } { int(0),table_conn_cur(connections:node) ge 3900 }",
      "tcp-request connection track-sc1 src,ipmask(32,64)",
      "tcp-request connection track-sc2 int(0) table connections:node",
    ];
    expect(lines).toEqual([
      ...limits("dot"),
      "bind 10.0.0.53:853 transparent ssl crt ../secrets/dot.pem alpn dot ssl-min-ver TLSv1.2 " +
        "tls-ticket-keys /run/dns-lb/haproxy-tickets-dot ca-file ../secrets/dot-clients.pem verify optional",
      "timeout client 30s",
      "timeout client-fin 5s",
      ...haproxyOf(compile())
        .frontend("internal")
        .lines.filter((line) => !/^(bind|timeout)/.test(line) && !limits("internal").includes(line)),
    ]);
  });

  test("shows statistics and metrics to nobody without the credential", () => {
    const { lines } = haproxyOf(compile()).frontend("statistics:node");
    const auth = lines.findIndex((line) => line.startsWith("http-request auth"));
    const served = ["prometheus-exporter", "/metrics/dnsdist", "/metrics/node", "stats enable"];
    expect(auth).toBeGreaterThan(0);
    for (const words of served) expect(lines.findIndex((line) => line.includes(words))).toBeGreaterThan(auth);
    expect(lines.filter((line) => line.startsWith("bind"))).toEqual([
      "bind 10.0.0.2:8404 transparent",
      "bind [fd53::2]:8404 transparent v6only",
      "bind 10.0.0.53:8404 transparent",
    ]);
  });

  test("shows them to the networks of operators alone, where these are given", () => {
    const networks = ["10.0.0.0/24", "fd53::/64"];
    const statistics = { addresses: [], port: 8404, user: "ops", password, allowFrom: networks };
    const spec = compile({ ...FULL, statistics });
    const closed = "tcp-request connection reject unless { src -f lists/statistics.lst }";
    expect(haproxyOf(spec).frontend("statistics:node").lines).toContain(closed);
    expect(spec.files.find(({ path }) => path === "haproxy/lists/statistics.lst")?.content).toBe(
      "10.0.0.0/24\nfd53::/64\n",
    );
    expect(haproxyOf(compile()).frontend("statistics:node").lines).not.toContain(closed);
  });

  test("serves them over TLS alone, where they have a certificate", () => {
    const certificate = { kind: "local-file", path: "certs/ops.pem" } as const;
    const statistics = { addresses: [], port: 8404, user: "ops", password, certificate };
    const spec = compile({ ...FULL, statistics });
    const { lines } = haproxyOf(spec).frontend("statistics:node");
    const tls =
      "ssl crt ../secrets/statistics.pem alpn http/1.1 ssl-min-ver TLSv1.2 " +
      "tls-ticket-keys /run/dns-lb/haproxy-tickets-statistics";
    expect(lines.filter((line) => line.startsWith("bind"))).toEqual([
      `bind 10.0.0.2:8404 transparent ${tls}`,
      `bind [fd53::2]:8404 transparent v6only ${tls}`,
    ]);
    expect(spec.secretFiles).toContainEqual({ path: "secrets/statistics.pem", source: certificate });
    const listener = { name: "statistics", service: "haproxy", certificate: "secrets/statistics.pem" };
    expect(spec.manifest.tls).toContainEqual(listener);
    expect(compile().manifest.tls?.map(({ name }) => name)).toEqual(["dot"]);
  });

  test("have certificates from files of the node, whose agent reads again those that it sees", () => {
    const certificate = { kind: "node-file", path: "/srv/acme/chain.pem", key: "/srv/keys/ops.key" } as const;
    const statistics = { addresses: [], port: 8404, user: "ops", password, certificate };
    const seen = (secretDirectories?: readonly string[]) => {
      const more = secretDirectories === undefined ? {} : { secretDirectories };
      return compileNode({ ...FULL, statistics }, FULL.nodes[0] as NodeDescription, { ...PROFILE, ...more });
    };
    const path = "secrets/statistics.pem";
    expect(seen().secretFiles).toContainEqual({ path, source: certificate });
    const key = { kind: "node-file", path: "/srv/keys/ops.key" };
    expect(seen().secretFiles).toContainEqual({ path: `${path}.key`, source: key, keyOf: certificate });
    const chain = { path, source: "/srv/acme/chain.pem" };
    const files = [chain, { path: `${path}.key`, source: "/srv/keys/ops.key" }];
    expect(seen().manifest.nodeFiles).toEqual([
      { path: "secrets/dot-clients.pem", source: "/etc/clients.pem" },
      ...files,
    ]);
    expect(seen(["/srv"]).manifest.nodeFiles).toEqual(files);
    expect(seen(["/srv/acm", "/srv/acme"]).manifest.nodeFiles).toEqual([chain]);
    expect(seen([]).manifest.nodeFiles).toBeUndefined();
  });

  test("leaves room for the checks, whatever the listeners take", () => {
    const config = haproxyOf(compile());
    const limits = ["internal", "dot", "public"].map((name) => {
      const rule = /fe_conn ge (\d+) } { int\(0\),table_conn_cur\(connections:node\) ge (\d+) }/;
      const [, share, spare] = rule.exec(config.frontend(name).lines.join("\n")) ?? [];
      return { share: Number(share), spare: Number(spare) };
    });
    expect(config.global.lines).toContain("maxconn 8000");
    expect(new Set(limits.map(({ spare }) => spare))).toEqual(new Set([3_900]));
    expect(limits.reduce((sum, { share }) => sum + share, 3_900)).toBeLessThanOrEqual(7_800);
  });

  test("says how many processors and connections of a node its daemons use", () => {
    const knobs = { processors: 3, memory: 4_294_967_296 };
    const nodes = FULL.nodes.map((each, index) => ({ ...each, ...knobs, maxConnections: 12_000 + index }));
    const given = { ...FULL, nodes };
    const spec = compile(given);
    expect(haproxyOf(spec).global.lines).toEqual(expect.arrayContaining(["maxconn 12000", "nbthread 3"]));
    expect(fileOf(spec, "dnsdist/dnsdist.conf")).toContain("maxConcurrentTCPConnections = 12000");
    const [haproxy, dnsdist] = ["haproxy", "dnsdist"].map((name) =>
      spec.manifest.services.find((each) => each.name === name),
    );
    expect(haproxy?.settings).toMatchObject({ descriptors: "28000", memory: "4294967296" });
    // The engine sees to the memory of its containers.
    const [node = nodes[1]] = nodes;
    const inContainer = node && compileNode(given, node, { ...PROFILE, name: "docker" }).manifest.services;
    expect(inContainer?.find((each) => each.name === "haproxy")?.settings).not.toHaveProperty("memory");
    expect(dnsdist?.settings).toMatchObject({ descriptors: "28000", processors: "3" });
    expect(dnsdist?.startSettings).toMatch(/^[0-9a-f]+$/);
    expect(dnsdist?.listeners.find(({ address }) => address === "0.0.0.0")?.sockets).toBe(3);
    const plain = compile().manifest.services.find((each) => each.name === "dnsdist");
    expect(plain?.startSettings).toBeUndefined();
  });

  test("cuts no client's idle connection short on the servers' side", () => {
    expect(haproxyOf(compile()).backend("resolvers").lines).toContain("timeout server 30s");
  });

  test("drops what no frontend expects, whatever comes before", () => {
    const { rules } = parseDnsdistPolicy(fileOf(compile(), "dnsdist/policy.lua"));
    expect(rules.at(-1)).toEqual({
      name: "everything else",
      rule: { call: "AllRule", args: [] },
      action: { call: "DropAction", args: [] },
    });
  });
});
