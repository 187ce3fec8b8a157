import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lazy, Token } from "cdktf";
import { describe, expect, test } from "vitest";
import { Balance } from "../../lib/dns/balance.js";
import { HealthCheck } from "../../lib/dns/health-check.js";
import type { PacketCacheOptions } from "../../lib/dns/packet-cache.js";
import { POOL } from "../../lib/dns/pool.js";
import { PublicResolver } from "../../lib/dns/public-resolver.js";
import { ResolverPool, type ResolverPoolProps } from "../../lib/dns/resolver-pool.js";
import { TrustStore } from "../../lib/dns/trust-store.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { ValidationError } from "../../lib/terraform/validation-error.js";
import { testCertificate } from "../certificates.js";
import { FakeNode, newStack, refusal, resolverPool, scratch } from "../constructs.js";

const SERVERS = [
  { name: "resolver1", address: "192.168.1.10" },
  { name: "resolver2", address: "2001:DB8:0::11", port: 5353, weight: 2 },
];

describe("ResolverPool", () => {
  test("fills in the defaults of its role", () => {
    expect(new ResolverPool(newStack(), "Resolvers", { servers: SERVERS })[POOL]).toEqual({
      name: "resolvers",
      role: "resolver",
      servers: [
        { name: "resolver1", address: "192.168.1.10", port: 53, weight: 1 },
        { name: "resolver2", address: "2001:db8::11", port: 5353, weight: 2 },
      ],
      balance: { kind: "least-connections" },
      healthCheck: {
        kind: "query",
        name: ".",
        type: "NS",
        recursionDesired: true,
        checkingDisabled: false,
        randomLabel: false,
        interval: "2s",
        timeout: "1s",
        fall: 3,
        rise: 2,
        expect: { rcodes: ["NOERROR"], answer: "required", authoritative: false },
      },
      whenAllDown: "try-all",
      clientAddress: "hidden",
      zones: [],
      idleTimeout: "10s",
    });
  });

  test("keeps what it is told", () => {
    const stack = newStack();
    const fallback = new ResolverPool(stack, "PublicResolvers", {
      servers: [PublicResolver.CLOUDFLARE, PublicResolver.QUAD9],
    });
    const pool = new ResolverPool(stack, "Resolvers", {
      servers: SERVERS,
      fallback,
      balance: Balance.random(),
      healthCheck: HealthCheck.query({ name: "a.test", type: "A", recursionDesired: false }),
      whenAllDown: "servfail",
      clientAddress: "proxy-protocol",
      idleTimeout: "3s",
    });
    expect(pool[POOL]).toMatchObject({
      fallback: {
        name: "public-resolvers",
        servers: [
          { name: "cloudflare", address: "1.1.1.1", port: 853, weight: 1, tls: { name: "cloudflare-dns.com" } },
          { name: "quad9", address: "9.9.9.9", port: 853, weight: 1, tls: { name: "dns.quad9.net" } },
        ],
      },
      balance: { kind: "random" },
      healthCheck: { name: "a.test.", recursionDesired: false },
      whenAllDown: "servfail",
      clientAddress: "proxy-protocol",
      idleTimeout: "3s",
    });
  });

  test("asks a server with TLS on port 853", () => {
    const pool = new ResolverPool(newStack(), "Dot", {
      servers: [{ name: "a", address: "192.0.2.1", tls: { name: "dns.test" } }],
    });
    expect(pool[POOL].servers[0]?.port).toBe(853);
  });

  test("asks all servers over TLS by the name of the pool, or their own, and trusts its authorities", () => {
    const trust = TrustStore.fromNodeFile("/etc/ssl/private.pem");
    const pool = new ResolverPool(newStack(), "Dot", {
      servers: [
        { name: "a", address: "192.0.2.1" },
        { name: "b", address: "192.0.2.2", port: 8853, tls: { name: "b.dns.test" } },
      ],
      tls: { name: "dns.test", trust },
    });
    expect(pool[POOL]).toMatchObject({
      servers: [
        { name: "a", port: 853, tls: { name: "dns.test" } },
        { name: "b", port: 8853, tls: { name: "b.dns.test" } },
      ],
      trust,
    });
    expect(pool[POOL]).not.toHaveProperty("tls");
    const own = new ResolverPool(newStack(), "Dot", {
      servers: [{ name: "a", address: "192.0.2.1", tls: { name: "dns.test" } }],
      tls: {},
    });
    expect(own[POOL]).not.toHaveProperty("trust");
  });

  test("takes the servers of Balance.first() without weights", () => {
    const stack = newStack();
    const server = (index: number) => ({ name: `r${index}`, address: `192.0.2.${index}` });
    const balance = Balance.first();
    const pool = new ResolverPool(stack, "Ordered", { servers: [{ ...server(1), weight: 1 }, server(2)], balance });
    expect(pool[POOL].balance).toEqual({ kind: "first" });
    const servers = [server(1), { ...server(2), weight: 2 }];
    expect(refusal(() => new ResolverPool(stack, "Resolvers", { servers, balance }))).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].weight' cannot go with Balance.first(), which sends everything to the first server that is up, got 2; leave out 'weight', or give the pool a balance by weight, such as Balance.roundRobin() [DNSLB113]"`,
    );
    const hashed = new ResolverPool(stack, "Hashed", { servers, balance: Balance.sourceHash() });
    expect(hashed[POOL]).toMatchObject({ balance: { kind: "source-hash" }, servers: [{ weight: 1 }, { weight: 2 }] });
  });

  test("balances UDP and TCP apart", () => {
    const stack = newStack();
    const server = (index: number) => ({ name: `r${index}`, address: `192.0.2.${index}` });
    const servers = [{ ...server(1), weight: 2 }, server(2)];
    const balance = { udp: Balance.first(), tcp: Balance.roundRobin() };
    expect(new ResolverPool(stack, "Apart", { servers, balance })[POOL]).toMatchObject({
      balance: { kind: "first" },
      tcpBalance: { kind: "round-robin" },
    });
    expect(new ResolverPool(stack, "One", { servers })[POOL]).not.toHaveProperty("tcpBalance");
    const refused = (props: object) =>
      refusal(() => new ResolverPool(newStack(), "Resolvers", { servers, balance, ...props } as ResolverPoolProps));
    expect(refused({ balance: { udp: Balance.first(), tcp: Balance.first() } })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[0].weight' cannot go with Balance.first(), which sends everything to the first server that is up, got 2; leave out 'weight', or give the pool a balance by weight, such as Balance.roundRobin() [DNSLB113]"`,
    );
    expect(refused({ balance: { udp: Balance.first() } })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'balance.tcp' is required: Balance.leastConnections(), Balance.roundRobin(), Balance.random(), Balance.sourceHash() or Balance.first() [DNSLB102]"`,
    );
    expect(refused({ balance: "roundrobin" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'balance' must be Balance.leastConnections(), Balance.roundRobin(), Balance.random(), Balance.sourceHash() or Balance.first(), got "roundrobin" [DNSLB103]"`,
    );
    expect(refused({ balance: { udp: "roundrobin", tcp: Balance.first(), tls: 5 } })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'balance.tls' is no property of ResolverPool, it takes 'udp', 'tcp' [DNSLB101]
      [prod/Resolvers] 'balance.udp' must be Balance.leastConnections(), Balance.roundRobin(), Balance.random(), Balance.sourceHash() or Balance.first(), got "roundrobin" [DNSLB103]"
    `);
    expect(refused({ servers: [{ ...server(1), tls: { name: "dns.test" } }, server(2)] })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[0].tls' cannot go with Balance.first() for one transport alone: dnsdist has one connection to a server over TLS, for what comes over UDP and over TCP; leave out 'tls', or give both transports one balance [DNSLB113]"`,
    );
  });

  test("does not follow its properties when they change later", () => {
    const servers = [...SERVERS];
    const pool = new ResolverPool(newStack(), "Resolvers", { servers });
    servers.pop();
    expect(pool[POOL].servers).toHaveLength(2);
  });

  test.each([
    ["1%", 1],
    ["50%", 2],
    ["67%", 3],
    ["100%", 3],
  ] as const)("must have %s of three servers up, which are %d", (minHealthy, minimumUp) => {
    const servers = [1, 2, 3].map((number) => ({ name: `server${number}`, address: `192.0.2.${number}` }));
    const pool = new ResolverPool(newStack(), "Resolvers", { servers, minHealthy });
    expect(pool[POOL]).toMatchObject({ minimumUp, belowMinHealthy: "down" });
  });

  test("needs one server without a share", () => {
    const pool = new ResolverPool(newStack(), "Resolvers", { servers: SERVERS });
    expect(pool[POOL]).not.toHaveProperty("minimumUp");
    expect(pool[POOL]).not.toHaveProperty("belowMinHealthy");
  });

  const refused = (props: object, id = "Resolvers") =>
    refusal(() => new ResolverPool(newStack(), id, { servers: SERVERS, ...props } as ResolverPoolProps));
  const withServer = (server: object) =>
    refused({ servers: [SERVERS[0], { name: "b", address: "192.0.2.2", ...server }] });

  test("warns of a check that asks nothing", () => {
    const stack = newStack();
    const pool = new ResolverPool(stack, "Resolvers", { servers: SERVERS, healthCheck: HealthCheck.tcp({ fall: 1 }) });
    expect(pool[POOL].healthCheck).toEqual({
      ...{ kind: "tcp", name: ".", type: "NS", recursionDesired: true },
      ...{ interval: "2s", timeout: "1s", fall: 1, rise: 2 },
      expect: { rcodes: ["NOERROR"], answer: "optional", authoritative: false },
    });
    expect(pool.node.metadata.map(({ data }) => String(data))).toMatchInlineSnapshot(`
      [
        "'healthCheck' sees closed ports alone: a server that hangs, or answers nothing but SERVFAIL, is up, because its kernel accepts connections; take HealthCheck.query() where servers may be asked [DNSLB165]",
      ]
    `);
  });

  test("is checked over TLS where all servers have it", () => {
    const healthCheck = HealthCheck.dnsOverTls({ name: "a.test", type: "A" });
    const servers = [PublicResolver.QUAD9, { name: "a", address: "192.0.2.1", tls: { name: "dns.test" } }];
    const pool = new ResolverPool(newStack(), "Resolvers", { servers, healthCheck });
    expect(pool[POOL].healthCheck).toMatchObject({ kind: "query", name: "a.test.", recursionDesired: true });
    expect(refused({ servers: [...servers, SERVERS[0]], healthCheck })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot be HealthCheck.dnsOverTls() with a server without 'tls', got "resolver1" as 'servers[2]'; give each server its 'tls', or take HealthCheck.query() [DNSLB166]"`,
    );
  });

  test("may have a cache, which is refused where it would be wrong", () => {
    const cacheOf = (cache: PacketCacheOptions) =>
      new ResolverPool(newStack(), "Resolvers", { servers: SERVERS, whenAllDown: "servfail", cache })[POOL].cache;
    expect(cacheOf({})).toEqual({ entries: 100_000, maximumTtl: "1d", minimumTtl: "0s", serveStale: false });
    expect(cacheOf({ entries: 100, serveStale: true })).toMatchObject({ entries: 100, serveStale: true });
    expect(refused({ cache: {}, clientAddress: "proxy-protocol" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'cache' cannot go with clientAddress "proxy-protocol": servers that see the address of a client may answer by it, and the cache would give that answer to others; leave out 'cache', or hide the client's address [DNSLB113]"`,
    );
    expect(refused({ cache: {}, balance: Balance.sourceHash() })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'cache' cannot go with Balance.sourceHash(): each client has a server of its own, and the cache would give it what others heard from theirs; leave out 'cache', or give the pool another balance, such as Balance.leastConnections() [DNSLB113]"`,
    );
    const mixed = { udp: Balance.roundRobin(), tcp: Balance.sourceHash() };
    expect(refused({ cache: {}, balance: mixed })).toContain("'cache' cannot go with Balance.sourceHash()");
    expect(refused({ cache: { serveStale: true, minimumTtl: "5m", maximumTtl: "1m" } })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'cache.minimumTtl' must not be longer than 'maximumTtl', "1m", got "5m" [DNSLB113]
      [prod/Resolvers] 'cache.serveStale' needs whenAllDown "servfail", got "try-all", which is not left to the cache; set it, or leave out 'serveStale' [DNSLB113]"
    `);
    expect(refused({ cache: { entries: 99, maximumTtl: "8d" } })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'cache.entries' must be a whole number between 100 and 10000000, got 99 [DNSLB104]
      [prod/Resolvers] 'cache.maximumTtl' must be a duration between "1s" and "7d", got "8d" [DNSLB107]"
    `);
  });

  test("fails when the share that must be up is none", () => {
    expect(refused({ minHealthy: 0.5 })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'minHealthy' must be a share in whole percent between "1%" and "100%", got 0.5; did you mean "50%"? [DNSLB104]"`,
    );
    expect(refused({ minHealthy: 50 })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'minHealthy' must be a share in whole percent between "1%" and "100%", got 50; did you mean "50%"? [DNSLB104]"`,
    );
    expect(refused({ minHealthy: "101%" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'minHealthy' must be a share in whole percent between "1%" and "100%", got "101%" [DNSLB104]"`,
    );
    expect(refused({ belowMinHealthy: "try-all" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'belowMinHealthy' has no effect without 'minHealthy', got "try-all"; give the share of servers that must be up, or leave it out [DNSLB113]"`,
    );
    expect(refused({ minHealthy: "50%", belowMinHealthy: "refuse" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'belowMinHealthy' must be "down" or "try-all", got "refuse" [DNSLB103]"`,
    );
  });

  test("fails when servers over TLS shall answer what dnsdist does not look at", () => {
    const servers = [{ name: "a", address: "192.0.2.1", tls: { name: "dns.test" } }];
    const check = (expected: object) => HealthCheck.query({ name: "a.test", type: "A", expect: expected });
    expect(refused({ servers, healthCheck: check({ value: "192.0.2.1" }) })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot expect 'value' of servers over TLS, whose answers dnsdist alone judges, by their RCODE; leave 'value' out, or ask the servers without 'tls' [DNSLB136]"`,
    );
    expect(refused({ servers, healthCheck: check({ authoritative: true }) })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot expect 'authoritative' of servers over TLS, whose answers dnsdist alone judges, by their RCODE; leave 'authoritative' out, or ask the servers without 'tls' [DNSLB136]"`,
    );
    expect(refused({ servers, healthCheck: HealthCheck.tcp() })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot be HealthCheck.tcp() with servers over TLS, of which a connection says nothing; take HealthCheck.query(), or ask the servers without 'tls' [DNSLB136]"`,
    );
    const labelled = HealthCheck.query({ name: "a.test", type: "A", randomLabel: true });
    expect(refused({ servers, healthCheck: labelled })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot ask servers over TLS for random labels: dnsdist's own probe, which alone speaks TLS, asks for one name; leave out 'randomLabel', or ask the servers without 'tls' [DNSLB136]"`,
    );
  });

  test("fails when a pool over TLS has servers without a name, with PROXY headers, or of the app", () => {
    const stack = newStack();
    const server = new UnboundServer(stack, "Server", {
      node: new FakeNode(stack, "Node", ["10.0.0.9"]),
      allowFrom: ["10.0.0.0/8"],
    });
    expect(refused({ tls: {} })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'servers[0]' must have a 'tls' with the name of its certificate, because the 'tls' of the pool has no 'name'; add the one or the other [DNSLB113]
      [prod/Resolvers] 'servers[1]' must have a 'tls' with the name of its certificate, because the 'tls' of the pool has no 'name'; add the one or the other [DNSLB113]"
    `);
    expect(refused({ tls: { name: "dns.test" }, clientAddress: "proxy-protocol" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'tls' cannot go with clientAddress "proxy-protocol", which servers take over plain DNS only; leave out 'tls' or hide the client's address [DNSLB113]"`,
    );
    expect(
      refusal(() => new ResolverPool(stack, "Pool", { servers: [server], tls: { name: "dns.test" } })),
    ).toMatchInlineSnapshot(
      `"[prod/Pool] 'servers[0]' must be given by address in a pool with 'tls', got prod/Server, which answers plain DNS alone; leave out 'tls', or put it into another pool [DNSLB113]"`,
    );
    const check = HealthCheck.query({ name: "a.test", type: "A", expect: { value: "192.0.2.1" } });
    expect(refused({ tls: { name: "dns.test" }, healthCheck: check })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'healthCheck' cannot expect 'value' of servers over TLS, whose answers dnsdist alone judges, by their RCODE; leave 'value' out, or ask the servers without 'tls' [DNSLB136]"`,
    );
    expect(refused({ tls: { name: "dns test", trust: "ca.pem" } })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'tls.name' must be a domain name in ASCII, such as "example.com", got "dns test" [DNSLB109]
      [prod/Resolvers] 'tls.trust' must be TrustStore.fromVariable(), TrustStore.fromEphemeral(), TrustStore.fromLocalFile() or TrustStore.fromNodeFile(), got a string [DNSLB103]"
    `);
    const file = join(scratch, "no-authority.pem");
    writeFileSync(
      file,
      testCertificate({ subject: "a server", issuer: testCertificate({ subject: "x", ca: true }) }).pem,
    );
    expect(
      refused({ tls: { name: "dns.test", trust: TrustStore.fromLocalFile(file) } }).replaceAll(file, "{file}"),
    ).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'tls.trust' must hold certificates of authorities, got certificate 1 (CN=a server), which may sign no other; give the authority that signs such certificates ("{file}") [DNSLB163]"`,
    );
    const same = [
      { name: "a", address: "192.0.2.1" },
      { name: "b", address: "192.0.2.1", port: 853 },
    ];
    expect(refused({ tls: { name: "dns.test" }, servers: same })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be unique with its port, got 192.0.2.1:853, the endpoint of servers[0] [DNSLB112]"`,
    );
  });

  test("fails when an address is none", () => {
    expect(withServer({ address: "192.168.1.300" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "192.168.1.300"; each number of an IPv4 address is at most 255 [DNSLB105]"`,
    );
    expect(withServer({ address: "dns.example.com" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "dns.example.com"; names are not looked up; give the address [DNSLB105]"`,
    );
    expect(withServer({ address: "10.1" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "10.1"; an IPv4 address has four numbers [DNSLB105]"`,
    );
  });

  test("fails when an address brings a port or a prefix length", () => {
    expect(withServer({ address: "192.168.1.10:53" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "192.168.1.10:53"; give the port as a property of its own: "192.168.1.10" [DNSLB105]"`,
    );
    expect(withServer({ address: "[2001:db8::1]:53" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "[2001:db8::1]:53"; give the port as a property of its own: "2001:db8::1" [DNSLB105]"`,
    );
    expect(withServer({ address: "192.168.1.10/32" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].address' must be an IPv4 or IPv6 address, got "192.168.1.10/32"; leave out the prefix length: "192.168.1.10" [DNSLB105]"`,
    );
  });

  test("fails when a port is out of range", () => {
    expect(withServer({ port: 65_536 })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].port' must be a whole number between 1 and 65535, got 65536 [DNSLB104]"`,
    );
    expect(withServer({ port: 0 })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].port' must be a whole number between 1 and 65535, got 0 [DNSLB104]"`,
    );
    expect(withServer({ port: "53" })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].port' must be a whole number between 1 and 65535, got "53" [DNSLB104]"`,
    );
  });

  test("fails when a weight is out of range", () => {
    expect(withServer({ weight: 257 })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].weight' must be a whole number between 1 and 256, got 257 [DNSLB104]"`,
    );
  });

  test("fails when there are no servers", () => {
    expect(refused({ servers: [] })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers' must hold at least one server, got an empty list [DNSLB111]"`,
    );
    expect(refused({ servers: undefined })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers' is required: a list [DNSLB102]"`,
    );
  });

  test("fails when two servers have one name, or one address and port", () => {
    expect(
      refused({
        servers: [
          { name: "a", address: "2001:db8::1" },
          { name: "a", address: "192.0.2.1" },
          { name: "b", address: "2001:DB8:0:0::1", port: 53 },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'servers[1].name' must be unique, got "a", the name of servers[0] [DNSLB112]
      [prod/Resolvers] 'servers[2].address' must be unique with its port, got [2001:db8::1]:53, the endpoint of servers[0] [DNSLB112]"
    `);
  });

  test.each([["one\n  bind *:53"], ["a b"], ['"'], ["1a"], [""], ["a".repeat(64)]])(
    "fails when a name could break out of a configuration line: %j",
    (name) => {
      expect(withServer({ name })).toBe(
        `[prod/Resolvers] 'servers[1].name' must be a name of letters, digits, - and _ that starts with a letter, at most 63 long, got ${JSON.stringify(name)} [DNSLB109]`,
      );
    },
  );

  test("fails when the construct id gives no name", () => {
    expect(refused({}, "53")).toMatchInlineSnapshot(
      `"[prod/53] the construct id "53" becomes the name "53" in the daemons, which must start with a letter and be at most 63 long; choose another id [DNSLB109]"`,
    );
    expect(refused({}, "---")).toMatchInlineSnapshot(
      `"[prod/---] the construct id "---" becomes the name "" in the daemons, which must start with a letter and be at most 63 long; choose another id [DNSLB109]"`,
    );
  });

  test("fails when properties are unknown, and names close ones", () => {
    expect(
      refused({ server: SERVERS, healthcheck: {}, retries: 3, servers: [{ name: "a", adress: "192.0.2.1" }] }),
    ).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'healthcheck' is no property of ResolverPool, did you mean 'healthCheck'? [DNSLB101]
      [prod/Resolvers] 'retries' is no property of ResolverPool, it takes 'servers', 'balance', 'whenAllDown', 'minHealthy', 'belowMinHealthy', 'clientAddress', 'cache', 'tls', 'healthCheck', 'fallback', 'idleTimeout' [DNSLB101]
      [prod/Resolvers] 'server' is no property of ResolverPool, did you mean 'servers'? [DNSLB101]
      [prod/Resolvers] 'servers[0].address' is required: an IPv4 or IPv6 address [DNSLB102]
      [prod/Resolvers] 'servers[0].adress' is no property of ResolverPool, did you mean 'address'? [DNSLB101]"
    `);
  });

  test("fails when values have the wrong type", () => {
    expect(
      refused({
        balance: "leastconn",
        healthCheck: "tcp",
        whenAllDown: true,
        fallback: {},
        servers: [null],
        idleTimeout: 10,
      }),
    ).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'balance' must be Balance.leastConnections(), Balance.roundRobin(), Balance.random(), Balance.sourceHash() or Balance.first(), got "leastconn" [DNSLB103]
      [prod/Resolvers] 'fallback' must be a ResolverPool, got {} [DNSLB103]
      [prod/Resolvers] 'healthCheck' must be HealthCheck.query(), HealthCheck.dnsOverTls(), HealthCheck.tcp() or HealthCheck.external(), got "tcp" [DNSLB103]
      [prod/Resolvers] 'idleTimeout' must be a duration between "1s" and "1h", got 10; name the unit (ms, s, m, h, d): "10s" [DNSLB107]
      [prod/Resolvers] 'servers[0]' must be an object of properties, got null [DNSLB103]
      [prod/Resolvers] 'whenAllDown' must be "try-all" or "refuse" or "servfail", got true [DNSLB103]"
    `);
    expect(refused({ servers: SERVERS[0] })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers' must be a list, got {"name":"resolver1","address":"192.168.1.10"} [DNSLB103]"`,
    );
    expect(refusal(() => new ResolverPool(newStack(), "Resolvers", undefined as never))).toMatchInlineSnapshot(
      `"[prod/Resolvers] ResolverPool takes an object of properties, got nothing [DNSLB102]"`,
    );
  });

  test("fails when the fallback has a fallback of its own", () => {
    const stack = newStack();
    const last = resolverPool(stack, "Last");
    const middle = new ResolverPool(stack, "Middle", { servers: SERVERS, fallback: last });
    expect(
      refusal(() => new ResolverPool(stack, "First", { servers: SERVERS, fallback: middle })),
    ).toMatchInlineSnapshot(
      `"[prod/First] 'fallback' must be a pool without a fallback of its own, got prod/Middle, which falls back to the pool that daemons call "last"; name a pool that has none [DNSLB122]"`,
    );
  });

  test("fails when the PROXY protocol would go to a server with TLS", () => {
    expect(
      refused({ servers: [SERVERS[0], PublicResolver.QUAD9], clientAddress: "proxy-protocol" }),
    ).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers[1].tls' cannot go with clientAddress "proxy-protocol", which servers take over plain DNS only; leave out 'tls' or hide the client's address [DNSLB113]"`,
    );
  });

  test("fails when a cdktf token stands where a value is compiled", () => {
    const text = Token.asString(Lazy.stringValue({ produce: () => "192.0.2.1" }));
    const number = Token.asNumber(Lazy.numberValue({ produce: () => 53 }));
    expect(withServer({ name: text, address: `10.0.0.${text}`, port: number })).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'servers[1].address' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]
      [prod/Resolvers] 'servers[1].name' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]
      [prod/Resolvers] 'servers[1].port' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]"
    `);
    expect(refused({ servers: Token.asList(Lazy.listValue({ produce: () => [] })) })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'servers' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]"`,
    );
    expect(refused({ idleTimeout: Lazy.stringValue({ produce: () => "1s" }) })).toMatchInlineSnapshot(
      `"[prod/Resolvers] 'idleTimeout' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]"`,
    );
  });

  test("fails with all problems at once, each line led by the path of the construct", () => {
    let caught: unknown;
    try {
      new ResolverPool(newStack(), "Resolvers", {
        servers: [{ name: "a", address: "x", port: 0 }],
        whenAllDown: "panic",
        typo: 1,
      } as never);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ValidationError);
    expect(caught).toMatchObject({ name: "ValidationError", path: "prod/Resolvers", problems: { length: 4 } });
    expect((caught as ValidationError).message).toMatchInlineSnapshot(`
      "[prod/Resolvers] 'servers[0].address' must be an IPv4 or IPv6 address, got "x" [DNSLB105]
      [prod/Resolvers] 'servers[0].port' must be a whole number between 1 and 65535, got 0 [DNSLB104]
      [prod/Resolvers] 'typo' is no property of ResolverPool, it takes 'servers', 'balance', 'whenAllDown', 'minHealthy', 'belowMinHealthy', 'clientAddress', 'cache', 'tls', 'healthCheck', 'fallback', 'idleTimeout' [DNSLB101]
      [prod/Resolvers] 'whenAllDown' must be "try-all" or "refuse" or "servfail", got "panic" [DNSLB103]"
    `);
  });
});
