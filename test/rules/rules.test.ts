import { describe, expect, test } from "vitest";
import type { Frontend } from "../../lib/model/frontend.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { PassThroughListener } from "../../lib/model/pass-through-listener.js";
import type { Pool } from "../../lib/model/pool.js";
import { announcedTwice } from "../../lib/rules/announced-addresses.js";
import { scarceConnections } from "../../lib/rules/connection-shares.js";
import { brokenRules } from "../../lib/rules/index.js";
import { mixedProxyHeaders } from "../../lib/rules/proxy-headers.js";
import { virtualRouterIds } from "../../lib/rules/virtual-router-ids.js";
import { transfersOverOldTls } from "../../lib/rules/zone-operations.js";

const pool: Pool = {
  name: "resolvers",
  role: "resolver",
  servers: [{ name: "resolver1", address: "192.168.1.10", port: 53, weight: 1 }],
  balance: { kind: "least-connections" },
  healthCheck: {
    kind: "query",
    name: ".",
    type: "NS",
    recursionDesired: true,
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
};

const dns = { kind: "dns", name: "internal", port: 53, idleTimeout: "10s" } as const;

const frontend: Frontend = {
  name: "internal",
  addresses: ["10.0.0.53"],
  pool,
  tcpPath: "direct",
  allowFrom: ["10.0.0.0/8"],
  accessRules: [],
  listeners: [dns],
};

const pair: LoadBalancer = {
  name: "dns",
  nodes: [
    { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" },
    { name: "lb2", addresses: ["10.0.0.3"], interface: "eth0" },
  ],
  frontends: [frontend],
  virtualAddresses: [{ address: "10.0.0.53", interface: "eth0" }],
  mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "200ms" },
};

const dot = {
  kind: "dot",
  name: "dot",
  port: 853,
  certificate: { kind: "node-file", path: "/a" },
  minimumTlsVersion: "1.2",
  idleTimeout: "30s",
} as const;
const password = { kind: "node-file", path: "/password" } as const;

/** The problems of a pair that differs from a good one in this. */
const codes = (change: Partial<LoadBalancer>) =>
  brokenRules({ ...pair, ...change }).map(({ code, property, part }) => [code, property, part]);

describe("brokenRules()", () => {
  test("finds nothing wrong with a good pair", () => {
    expect(codes({})).toEqual([]);
  });

  test("DNSLB001: fails when a frontend of a pair listens on an address of one node", () => {
    expect(codes({ frontends: [{ ...frontend, addresses: ["10.0.0.53", "10.0.0.2"] }] })).toEqual([
      ["DNSLB001", "addresses[1]", { kind: "frontend", index: 0 }],
    ]);
  });

  test("DNSLB002: fails when statistics take a port of a DoT listener", () => {
    const frontends = [{ ...frontend, listeners: [dns, dot] }];
    const statistics = { addresses: ["10.0.0.53"], port: 853, user: "ops", password };
    expect(codes({ frontends, statistics })).toEqual([["DNSLB002", "statistics.port", { kind: "load-balancer" }]]);
    expect(codes({ frontends, statistics: { ...statistics, addresses: [] } })).toEqual([]);
  });

  test("DNSLB002: fails when two listeners take one port, and blames the later one", () => {
    expect(codes({ frontends: [{ ...frontend, listeners: [dns, { ...dot, port: 53 }] }] })).toEqual([
      ["DNSLB002", "port", { kind: "listener", frontend: 0, index: 1 }],
    ]);
    const other = { ...frontend, name: "other", listeners: [{ ...dns, name: "other" }] };
    expect(codes({ frontends: [frontend, other] })).toEqual([
      ["DNSLB002", "address", { kind: "listener", frontend: 1, index: 0 }],
    ]);
  });

  describe("a listener that passes TLS on", () => {
    const passing: PassThroughListener = {
      ...{ kind: "pass-through", name: "dot", port: 853, idleTimeout: "30s" },
      ...{ serverName: "ns1.test", serversJudge: false },
    };
    const judged: PassThroughListener = { ...passing, serversJudge: true };
    const proxied = { ...frontend.pool, clientAddress: "proxy-protocol" } as const;
    const problems = (change: object, listener = passing) =>
      brokenRules({ ...pair, frontends: [{ ...frontend, ...change, listeners: [dns, listener] }] })
        .filter(({ code }) => code === "DNSLB025" || code === "DNSLB026")
        .map(({ code, property, part, message }) => ({ code, property, part, message }));
    const policies = {
      tcpPath: "inspected",
      rateLimit: { queries: { events: 9, period: 1000, text: "9/s" }, exceeded: "drop" },
      accessRules: [{ action: "refuse", from: [], names: ["a.test."], types: [], classes: [], opcodes: [] }],
    };

    test("goes with direct TCP, or with servers that judge and learn who asks", () => {
      expect(problems({ tcpPath: "direct" })).toEqual([]);
      expect(problems({ ...policies, pool: proxied }, judged)).toEqual([]);
    });

    test("DNSLB025: fails when its clients would evade a policy", () => {
      expect(problems(policies)).toMatchInlineSnapshot(`
        [
          {
            "code": "DNSLB025",
            "message": "cannot go with frontend "internal", whose 'rateLimit' limits queries to "9/s": no node reads what is in a TLS stream, so that clients would evade it; give the listener a certificate instead, or set serversJudge: true if the servers enforce it themselves",
            "part": {
              "frontend": 0,
              "index": 1,
              "kind": "listener",
            },
            "property": "passThrough",
          },
          {
            "code": "DNSLB025",
            "message": "cannot go with frontend "internal", whose 'accessRules[0]' matches queries by their name, type, class or opcode: no node reads what is in a TLS stream, so that clients would evade it; give the listener a certificate instead, or set serversJudge: true if the servers enforce it themselves",
            "part": {
              "frontend": 0,
              "index": 1,
              "kind": "listener",
            },
            "property": "passThrough",
          },
        ]
      `);
      expect(problems({ tcpPath: "inspected" }).map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "cannot go with frontend "internal", whose 'tcpPath' is "inspected", so that dnsdist refuses transfers, NOTIFY and UPDATE: no node reads what is in a TLS stream, so that clients would evade it; give the listener a certificate instead, or set serversJudge: true if the servers enforce it themselves",
        ]
      `);
      const aged = brokenRules({
        ...{ ...pair, maximumConnectionAge: "1h" as const },
        frontends: [{ ...frontend, tcpPath: "inspected", pool: proxied, listeners: [dns, judged] }],
      });
      expect(aged.map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "cannot be kept, because the load balancer ends connections by 'maximumConnectionAge', and HAProxy ends none for its age; give the listener a certificate, or leave 'maximumConnectionAge' out",
        ]
      `);
    });

    test("DNSLB026: fails when servers shall judge clients that are hidden from them", () => {
      expect(problems({}, judged)).toMatchInlineSnapshot(`
        [
          {
            "code": "DNSLB026",
            "message": "needs clientAddress: "proxy-protocol" in pool "resolvers", got "hidden": servers that see the load balancer's address cannot judge clients",
            "part": {
              "frontend": 0,
              "index": 1,
              "kind": "listener",
            },
            "property": "passThrough.serversJudge",
          },
        ]
      `);
    });
  });

  test("DNSLB003: fails when two listeners have one name, whatever their kinds", () => {
    expect(codes({ frontends: [{ ...frontend, listeners: [dns, { ...dot, name: "internal" }] }] })).toEqual([
      ["DNSLB003", "", { kind: "listener", frontend: 0, index: 1 }],
    ]);
  });

  test("DNSLB003: fails when a DoT listener has the name of statistics with a certificate", () => {
    const frontends = [{ ...frontend, listeners: [dns, { ...dot, name: "statistics" }] }];
    const statistics = { addresses: [], port: 8404, user: "ops", password };
    expect(codes({ frontends, statistics })).toEqual([]);
    expect(codes({ frontends, statistics: { ...statistics, certificate: password } })).toEqual([
      ["DNSLB003", "", { kind: "listener", frontend: 0, index: 1 }],
    ]);
  });

  test("DNSLB003: fails when a fallback has the name of another pool", () => {
    const frontends = [{ ...frontend, pool: { ...pool, fallback: { ...pool } } }];
    expect(codes({ frontends })).toEqual([["DNSLB003", "pool", { kind: "frontend", index: 0 }]]);
  });

  test("DNSLB003: takes one pool behind two frontends, and a listener with the name of a pool", () => {
    const other = {
      ...frontend,
      name: "resolvers",
      addresses: ["10.0.0.54"],
      listeners: [{ ...dns, name: "resolvers" }],
    };
    const virtualAddresses = [...pair.virtualAddresses, { address: "10.0.0.54", interface: "eth0" }];
    expect(codes({ frontends: [frontend, other], virtualAddresses })).toEqual([]);
  });

  test("DNSLB004: fails when a fallback has a zone transfer that the direct path cannot pin", () => {
    const fallback = { ...pool, name: "other", zoneTransfer: { servers: ["resolver1"], allowFrom: ["10.0.0.0/8"] } };
    expect(codes({ frontends: [{ ...frontend, pool: { ...pool, fallback } }] })).toEqual([
      ["DNSLB004", "pool", { kind: "frontend", index: 0 }],
    ]);
  });

  test("DNSLB004: fails when connections shall end at an age on the direct path, with one on the inspected path", () => {
    const change = { maximumConnectionAge: "10m" } as const;
    const inspected = { ...frontend, tcpPath: "inspected" } as const;
    expect(codes({ ...change, frontends: [inspected] })).toEqual([]);
    expect(brokenRules({ ...pair, ...change })).toEqual([
      {
        code: "DNSLB004",
        part: { kind: "frontend", index: 0 },
        property: "tcpPath",
        message: `must be "inspected", got "direct", on a load balancer with 'maximumConnectionAge': HAProxy ends no connection for its age, dnsdist does`,
      },
    ]);
  });

  test("DNSLB013: fails when a listener has so few connections that one client could fill it", () => {
    const many = (count: number) => ({
      frontends: Array.from({ length: count }, (_, index) => ({
        ...frontend,
        listeners: [{ ...dns, name: `f${index}` }],
      })),
    });
    const shares = (count: number) =>
      brokenRules({ ...pair, ...many(count) }).filter(({ code }) => code === "DNSLB013");
    expect(shares(52)).toEqual([]);
    expect(shares(53)).toMatchInlineSnapshot(`
      [
        {
          "code": "DNSLB013",
          "message": "load balancer "dns" has 53 frontends and DoT listeners, which share the 8000 TCP and TLS connections of a node: each has 147 connections, and needs 150, so that one client cannot fill it; give its nodes more 'maxConnections', spread them over several load balancers, or give frontends of one pool and policy their addresses in one 'addresses'",
          "part": {
            "kind": "load-balancer",
          },
          "property": "",
        },
      ]
    `);
    expect(scarceConnections({ ...pair, ...many(45) })).toBeUndefined();
    expect(scarceConnections({ ...pair, ...many(46) })).toMatchInlineSnapshot(`
      {
        "code": "DNSLB132",
        "message": "load balancer "dns" has 46 frontends and DoT listeners, which share the 8000 TCP and TLS connections of a node: each is sure of 150 connections at once, and up to 900 while others leave them; give its nodes more 'maxConnections', or spread them over several load balancers, if that is too few",
        "property": "",
      }
    `);
    expect(scarceConnections({ ...pair, ...many(53) })).toBeUndefined();
  });

  test("DNSLB023: fails when inspected connections are more than HAProxy has ports for", () => {
    const bearing = (maxConnections: number, tcpPath: "direct" | "inspected") =>
      brokenRules({
        ...pair,
        nodes: pair.nodes.map((each) => ({ ...each, maxConnections })),
        frontends: [{ ...frontend, tcpPath }],
      }).filter(({ code }) => code === "DNSLB023");
    expect(bearing(100_000, "direct")).toEqual([]);
    expect(bearing(28_000, "inspected")).toEqual([]);
    expect(bearing(28_001, "inspected")).toMatchInlineSnapshot(`
      [
        {
          "code": "DNSLB023",
          "message": "must be "direct" on nodes with 28001 'maxConnections', got "inspected": HAProxy hands at most 28000 connections over to dnsdist at once, each from a port of its own; give the nodes no more 'maxConnections' than these",
          "part": {
            "index": 0,
            "kind": "frontend",
          },
          "property": "tcpPath",
        },
      ]
    `);
  });

  test("DNSLB015: fails when the servers need more memory than a node has for a change", () => {
    const servers = (count: number) => Array.from({ length: count }, () => pool.servers[0] ?? []).flat();
    const given = (count: number, memory: number | undefined, outstandingQueries?: number) => ({
      ...pair,
      nodes: [{ name: "lb1", addresses: ["10.0.0.2"], interface: "eth0", ...(memory ? { memory } : {}) }],
      frontends: [{ ...frontend, pool: { ...pool, servers: servers(count) } }],
      ...(outstandingQueries === undefined ? {} : { outstandingQueries }),
    });
    const problems = (...of: Parameters<typeof given>) =>
      brokenRules(given(...of)).flatMap(({ code, message }) => (code === "DNSLB015" ? [message] : []));
    const gigabyte = 1_073_741_824;
    expect(problems(40, gigabyte)).toEqual([]);
    const bearing = (maxConnections: number) => {
      const { nodes, ...plan } = given(40, gigabyte);
      return brokenRules({ ...plan, nodes: nodes.map((each) => ({ ...each, maxConnections })) });
    };
    expect(bearing(8_000)).toEqual([]);
    expect(bearing(20_000).map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "node "lb1" has 1024 MiB of memory, of which 70 % may be planned for: 40 servers with 10000 outstanding queries each, and 20000 connections, of which those beyond 8000 take 563 MiB, need up to 1244 MiB while a change replaces them; set \`memory: "2g"\` on the node, or \`maxConnections: 8000\` on the nodes",
      ]
    `);
    expect(problems(2_000, undefined)).toEqual([]);
    expect(problems(200, 4 * gigabyte)).toEqual([]);
    expect(problems(200, gigabyte, 1_500)).toEqual([]);
    const cache = { entries: 1_000_000, maximumTtl: "1d", minimumTtl: "0s", serveStale: false } as const;
    const cached = (memory: number) => {
      const plan = given(40, memory);
      return { ...plan, frontends: plan.frontends.map((each) => ({ ...each, pool: { ...each.pool, cache } })) };
    };
    const messages = (memory: number) =>
      brokenRules(cached(memory)).flatMap(({ code, message }) => (code === "DNSLB015" ? [message] : []));
    expect(messages(8 * gigabyte)).toEqual([]);
    expect(messages(gigabyte)).toMatchInlineSnapshot(`
      [
        "node "lb1" has 1024 MiB of memory, of which 70 % may be planned for: 40 servers with 10000 outstanding queries each, and caches of 4883 MiB, need up to 5565 MiB while a change replaces them; set \`memory: "8g"\` on the node",
      ]
    `);
    expect(problems(200, gigabyte)).toMatchInlineSnapshot(`
      [
        "node "lb1" has 1024 MiB of memory, of which 70 % may be planned for: 200 servers with 10000 outstanding queries each need up to 2638 MiB while a change replaces them; set \`memory: "4g"\` on the node, or \`outstandingQueries: 1900\` on the load balancer",
      ]
    `);
    expect(problems(2_000, gigabyte / 2)).toMatchInlineSnapshot(`
      [
        "node "lb1" has 512 MiB of memory, of which 70 % may be planned for: 2000 servers with 10000 outstanding queries each need up to 24652 MiB while a change replaces them; set \`memory: "35328m"\` on the node",
      ]
    `);
  });

  test("DNSLB011: fails when a transfer would be cut at an age, also one of a fallback", () => {
    const transferred = { ...pool, zoneTransfer: { servers: ["resolver1"], allowFrom: ["10.0.0.0/8"] } };
    const inspected = { ...frontend, tcpPath: "inspected" } as const;
    const change = { maximumConnectionAge: "10m", frontends: [{ ...inspected, pool: transferred }] } as const;
    expect(brokenRules({ ...pair, ...change })).toEqual([
      {
        code: "DNSLB011",
        part: { kind: "frontend", index: 0 },
        property: "pool",
        message: `leads to pool "resolvers" with a 'zoneTransfer', which would be cut after the load balancer's 'maximumConnectionAge' of "10m"; leave out one of the two, or serve transfers from another load balancer`,
      },
    ]);
    const fallback = { ...transferred, name: "other" };
    expect(codes({ ...change, frontends: [{ ...inspected, pool: { ...pool, fallback } }] })).toEqual([
      ["DNSLB011", "pool", { kind: "frontend", index: 0 }],
    ]);
    expect(codes({ frontends: change.frontends })).toEqual([]);
  });

  describe("DNSLB014", () => {
    const transferred: Pool = {
      ...pool,
      name: "zones",
      role: "authoritative",
      zones: ["Example.com."],
      zoneTransfer: { servers: ["resolver1"], allowFrom: ["198.51.100.0/24"] },
    };
    const inspected: Frontend = {
      ...{ ...frontend, name: "zones", tcpPath: "inspected", pool: transferred },
      allowFrom: ["0.0.0.0/0"],
    };
    const at = (index: number) => [["DNSLB014", "pool", { kind: "frontend", index }]];
    const beside = (change: Partial<Frontend>) =>
      codes({ frontends: [inspected, { ...frontend, addresses: [], listeners: [], ...change }] });
    const plain = (change: Partial<Pool>): Pool => ({ ...pool, ...change });
    const server = pool.servers[0] ?? { name: "", address: "", port: 0, weight: 0 };
    const elsewhere = plain({ name: "other", servers: [{ ...server, address: "192.168.1.11" }] });

    test("fails when a server of a pool with a transfer is behind a direct frontend", () => {
      const frontends = [inspected, { ...frontend, addresses: [], listeners: [] }];
      expect(brokenRules({ ...pair, frontends }).map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "leads to server "resolver1" of pool "resolvers" at 192.168.1.10:53, which gives its zones to the load balancer for the 'zoneTransfer' of pool "zones", so that by the direct TCP path every client of the frontend could transfer its zones; set tcpPath: "inspected", or give the frontend another server",
        ]
      `);
    });

    test("fails when a server takes updates from the load balancer", () => {
      const { zoneTransfer: _, ...written } = { ...transferred, updateFrom: ["198.51.100.0/24"] };
      const frontends = [
        { ...inspected, pool: written },
        { ...frontend, addresses: [], listeners: [] },
      ];
      expect(brokenRules({ ...pair, frontends }).map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "leads to server "resolver1" of pool "resolvers" at 192.168.1.10:53, which takes updates from the load balancer for the 'updateFrom' of pool "zones", so that by the direct TCP path every client of the frontend could change its zones; set tcpPath: "inspected", or give the frontend another server",
        ]
      `);
    });

    test("fails when it is there as a fallback, over TLS, or under another name and port for the same zone", () => {
      expect(beside({ pool: plain({ ...elsewhere, fallback: pool }) })).toEqual(at(1));
      expect(beside({ pool: plain({ servers: [{ ...server, tls: { name: "a.example" } }] }) })).toEqual(at(1));
      const same = plain({ zones: ["example.com."], servers: [{ ...server, name: "auth1", port: 853 }] });
      expect(beside({ pool: same })).toEqual(at(1));
    });

    test("fails when a server of the app lets the load balancer transfer without a key", () => {
      const deployed = { clientAddress: "hidden", transfersTo: ["10.0.0.3/32"] } as const;
      const frontends = [{ ...frontend, pool: plain({ servers: [{ ...server, deployed }] }) }];
      expect(brokenRules({ ...pair, frontends }).map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "leads to server "resolver1" of pool "resolvers" at 192.168.1.10:53, which lets 10.0.0.3, an address of the load balancer, transfer its zones without a key, so that by the direct TCP path every client of the frontend could transfer its zones; set tcpPath: "inspected", or give the frontend another server",
        ]
      `);
    });

    test("passes where clients are refused transfers, are known to the server, or may transfer anyway", () => {
      expect(beside({ tcpPath: "inspected" })).toEqual([]);
      expect(beside({ pool: plain({ clientAddress: "proxy-protocol" }) })).toEqual([]);
      expect(beside({ allowFrom: ["198.51.100.128/25"] })).toEqual([]);
      expect(beside({ pool: elsewhere })).toEqual([]);
      expect(beside({ pool: plain({ servers: [{ ...server, port: 5353 }] }) })).toEqual([]);
      const deployed = { clientAddress: "hidden", transfersTo: ["10.0.1.0/24", "fd53::/64"] } as const;
      expect(codes({ frontends: [{ ...frontend, pool: plain({ servers: [{ ...server, deployed }] }) }] })).toEqual([]);
    });
  });

  describe("transfers, NOTIFY and UPDATE", () => {
    const zones: Pool = {
      ...{ ...pool, name: "zones", role: "authoritative", zones: ["example.com."] },
      zoneTransfer: { servers: ["resolver1"], allowFrom: ["10.1.0.0/16"] },
      notifyFrom: ["10.0.0.5/32"],
    };
    const inspected: Frontend = { ...frontend, tcpPath: "inspected", pool: zones };
    const found = (change: Partial<Frontend>, more: readonly Frontend[] = []) =>
      brokenRules({ ...pair, frontends: [{ ...inspected, ...change }, ...more] });

    test("DNSLB004: fails when the direct path cannot judge who sends NOTIFY or UPDATE", () => {
      const { zoneTransfer: _, ...written } = { ...zones, updateFrom: ["10.0.0.0/8"] };
      expect(found({ tcpPath: "direct", pool: written }).map(({ message }) => message)).toMatchInlineSnapshot(`
        [
          "leads to pool "zones" with a 'notifyFrom', which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected"",
          "leads to pool "zones" with an 'updateFrom', which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected"",
        ]
      `);
    });

    test("DNSLB027: fails when no frontend of the pool serves a source", () => {
      const updateFrom = ["10.0.0.7/32", "192.0.2.0/24", "2001:db8::1/128"];
      expect(found({ pool: { ...zones, updateFrom } })).toMatchInlineSnapshot(`
        [
          {
            "code": "DNSLB027",
            "message": "leads to pool "zones", whose 'updateFrom' names "192.0.2.0/24", "2001:db8::1/128", which no frontend of the pool serves; add it to their 'allowFrom', or take it out of 'updateFrom'",
            "part": {
              "index": 0,
              "kind": "frontend",
            },
            "property": "pool",
          },
        ]
      `);
      const route = { pool: { ...zones, updateFrom }, names: [], types: [], from: ["10.1.0.0/16"] };
      expect(
        found({ pool, routes: [route] }).map(({ code, property, message }) => [code, property, message]),
      ).toMatchInlineSnapshot(`
          [
            [
              "DNSLB027",
              "routes[0]",
              "leads to pool "zones", whose 'notifyFrom' names "10.0.0.5/32", which no frontend of the pool serves; add it to their 'allowFrom', or take it out of 'notifyFrom'",
            ],
            [
              "DNSLB027",
              "routes[0]",
              "leads to pool "zones", whose 'updateFrom' names "10.0.0.7/32", "192.0.2.0/24", "2001:db8::1/128", which no frontend of the pool serves; add it to their 'allowFrom', or take it out of 'updateFrom'",
            ],
          ]
        `);
    });

    test("DNSLB027: passes when another frontend of the pool does, in part, and where the pool is a fallback", () => {
      const written: Pool = { ...zones, updateFrom: ["192.0.2.0/24"] };
      const other = { ...inspected, name: "other", addresses: [], listeners: [], allowFrom: ["192.0.2.128/25"] };
      expect(found({ pool: written }, [{ ...other, pool: written }])).toEqual([]);
      expect(found({ pool: { ...pool, fallback: written } })).toEqual([]);
    });

    test("DNSLB028: warns where zones could be transferred over TLS 1.2", () => {
      const warned = (changes: Partial<Frontend>) =>
        transfersOverOldTls({ ...pair, frontends: [{ ...inspected, ...changes }] })?.message;
      expect(warned({ listeners: [dns, dot] })).toMatchInlineSnapshot(
        `"DoT listener "dot" lets clients transfer the zones of pool "zones" over TLS 1.2, and transfers need TLS 1.3 (RFC 9103); set its minimumTlsVersion: "1.3", or put it beside a frontend whose pool has no 'zoneTransfer'"`,
      );
      expect(warned({ listeners: [dns, { ...dot, minimumTlsVersion: "1.3" }] })).toBeUndefined();
      const { zoneTransfer: _, ...plain } = zones;
      expect(warned({ listeners: [dns, dot], pool: plain })).toBeUndefined();
      const route = { pool: zones, names: ["example.com."], types: [], from: [] };
      expect(warned({ listeners: [dns, dot], pool, routes: [route] })).toContain("over TLS 1.2");
    });
  });

  test("DNSLB006: fails when nothing is served", () => {
    expect(codes({ frontends: [] })).toEqual([["DNSLB006", "", { kind: "load-balancer" }]]);
  });
});

describe("a group that announces its addresses", () => {
  const group: LoadBalancer = {
    ...pair,
    virtualAddresses: [],
    mobility: {
      ...{ kind: "bgp", asn: 64_512, addresses: ["10.0.0.53"], members: [], defaultRoute: "static" },
      ...{ whenSick: { daemon: "withdraw", pool: "prepend" }, returnAfter: "10s", gracefulShutdown: "10s" },
      damping: { moves: 3, within: "10m" },
    },
  };

  test("listens on its addresses, and is none of its servers", () => {
    expect(brokenRules(group)).toEqual([]);
    const codes = (addresses: readonly string[], server: string) =>
      brokenRules({
        ...group,
        frontends: [
          {
            ...frontend,
            addresses,
            pool: { ...pool, servers: [{ ...pool.servers[0], address: server }] as Pool["servers"] },
          },
        ],
      }).map(({ code }) => code);
    expect(codes(["10.0.0.53"], "192.168.1.10")).toEqual([]);
    expect(codes(["10.0.0.2"], "192.168.1.10")).toEqual(["DNSLB001"]);
    expect(codes(["10.0.0.53"], "10.0.0.53")).toEqual(["DNSLB010"]);
  });

  test.each([179, 3_784, 3_785, 4_784, 8_406])("DNSLB030: fails when a listener is on port %i", (port) => {
    const given = { ...frontend, listeners: [{ ...dns, port }] };
    expect(brokenRules({ ...pair, frontends: [given] })).toEqual([]);
    const found = brokenRules({ ...group, frontends: [given] });
    expect(found.map(({ code, property }) => [code, property])).toEqual([["DNSLB030", "port"]]);
  });

  test("DNSLB029: fails when another group of the autonomous system announces an address", () => {
    const [first, second] = ["prod/Ams", "prod/Fra"].map((path) => ({ path, asn: 64_512, addresses: ["192.0.2.53"] }));
    if (first === undefined || second === undefined) throw new RangeError("no groups");
    expect(announcedTwice(first, [first, second])).toEqual([]);
    expect(announcedTwice(second, [{ ...first, asn: 64_513 }])).toEqual([]);
    expect(announcedTwice(second, [{ ...first, addresses: ["192.0.2.54"] }])).toEqual([]);
    expect(announcedTwice(second, [first, second])).toMatchInlineSnapshot(`
      [
        {
          "code": "DNSLB029",
          "message": "must be announced by one group of AS 64512, got "192.0.2.53", which prod/Ams announces, too; make them one group, or give one of them another address or another 'asn'",
          "property": "addresses[0]",
        },
      ]
    `);
  });
});

describe("virtualRouterIds()", () => {
  const router = { path: "b/Dns", virtualRouterId: 53, networks: ["10.0.0.0/24"] };
  const other = { path: "a/Dns", virtualRouterId: 53, networks: ["10.0.0.0/24", "10.1.0.0/24"] };

  test("DNSLB005: fails when two pairs share an id and a network, and blames one of them", () => {
    expect(virtualRouterIds(router, [router, other]).map(({ code, property }) => [code, property])).toEqual([
      ["DNSLB005", "virtualRouterId"],
    ]);
    expect(virtualRouterIds(other, [router, other])).toEqual([]);
  });

  test("takes other ids, and other networks", () => {
    expect(virtualRouterIds(router, [{ ...other, virtualRouterId: 54 }])).toEqual([]);
    expect(virtualRouterIds(router, [{ ...other, networks: ["10.1.0.0/24"] }])).toEqual([]);
  });
});

describe("DNSLB010", () => {
  test.each(["10.0.0.53", "10.0.0.3", "127.0.0.1"])(
    "fails when a pool leads back to the load balancer at %s",
    (address) => {
      const loop = { ...pool, servers: [{ name: "resolver1", address, port: 53, weight: 1 }] };
      const codes = (frontends: readonly Frontend[]) => brokenRules({ ...pair, frontends }).map(({ code }) => code);
      expect(codes([{ ...frontend, pool: loop }])).toEqual(["DNSLB010"]);
      expect(codes([{ ...frontend, pool: { ...pool, fallback: { ...loop, name: "fallback" } } }])).toEqual([
        "DNSLB010",
      ]);
      expect(codes([frontend])).toEqual([]);
    },
  );
});

describe("a server of two pools", () => {
  const told: Pool = { ...pool, name: "public", clientAddress: "proxy-protocol" };
  const both = (second: Pool): LoadBalancer => ({
    ...pair,
    frontends: [frontend, { ...frontend, name: "public", addresses: ["10.0.0.54"], pool: second }],
  });

  test("that gets PROXY headers from one alone deserves a word", () => {
    expect(mixedProxyHeaders(both(told))).toMatchInlineSnapshot(`
      {
        "code": "DNSLB020",
        "message": "pool "public" queries the server 192.168.1.10:53 with PROXY headers, and pool "resolvers" without; unless it takes both, as few servers do, set 'clientAddress' of both pools to the same, or give the server a port for each",
        "property": "",
      }
    `);
  });

  test("so does one of a fallback", () => {
    expect(mixedProxyHeaders(both({ ...pool, name: "third", servers: [], fallback: told }))?.code).toBe("DNSLB020");
  });

  test.each<[string, Pool]>([
    ["that gets the same of both", { ...told, clientAddress: "hidden" }],
    ["with a port for each", { ...told, servers: [{ name: "a", address: "192.168.1.10", port: 5_353, weight: 1 }] }],
    ["that is one pool", pool],
  ])("%s is fine", (_, second) => {
    expect(mixedProxyHeaders(both(second))).toBeUndefined();
  });
});
