import { type TerraformStack, Testing } from "cdktf";
import type { IConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { AuthoritativePool } from "../../lib/dns/authoritative-pool.js";
import { Certificate } from "../../lib/dns/certificate.js";
import type { DnsFrontendOptions } from "../../lib/dns/dns-frontend.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import { RateLimit } from "../../lib/dns/rate-limit.js";
import { Route } from "../../lib/dns/route.js";
import { Secret } from "../../lib/dns/secret.js";
import { StandaloneLoadBalancer, type StandaloneLoadBalancerProps } from "../../lib/ha/standalone-load-balancer.js";
import { DEBIAN_12 } from "../../lib/model/platform-profile.js";
import { FakeNode, modelOf, newStack, problemsAtSynthesis, refusal, resolverPool } from "../constructs.js";

const allowFrom = ["10.0.0.0/8"];
const certificate = Certificate.fromLocalFile("certs/dns.pem");

function givenLoadBalancer(props: Partial<StandaloneLoadBalancerProps> = {}) {
  const stack = newStack();
  const lb = new StandaloneLoadBalancer(stack, "Dns", {
    node: new FakeNode(stack, "Node1", ["10.0.0.2", "fd53::2"]),
    ...props,
  });
  return { stack, lb, pool: resolverPool(stack) };
}

describe("StandaloneLoadBalancer", () => {
  test("has no virtual addresses and no VRRP", () => {
    const { lb } = givenLoadBalancer();
    expect(modelOf(lb)).toEqual({
      name: "dns",
      identity: false,
      nodes: [{ name: "node1", addresses: ["10.0.0.2", "fd53::2"], interface: "eth0" }],
      frontends: [],
      virtualAddresses: [],
      mobility: { kind: "fixed" },
    });
  });

  test("keeps the age at which connections end", () => {
    expect(modelOf(givenLoadBalancer({ maximumConnectionAge: "1d" }).lb)).toMatchObject({ maximumConnectionAge: "1d" });
  });

  test("fails when the age at which connections end has no unit", () => {
    const refused = () => givenLoadBalancer({ maximumConnectionAge: "600" as never });
    expect(refusal(refused)).toMatchInlineSnapshot(
      `"[prod/Dns] 'maximumConnectionAge' must be a duration of whole seconds between "10s" and "1d", got "600"; name the unit: "600s" [DNSLB107]"`,
    );
  });

  test("fails when the node is none", () => {
    const stack = newStack();
    expect(refusal(() => new StandaloneLoadBalancer(stack, "Dns", { node: "node1" as never }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'node' must be a node such as a DockerNode, got "node1" [DNSLB103]"`,
    );
  });

  test("fails when the node runs a load balancer already", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Node1", ["10.0.0.2"]);
    new StandaloneLoadBalancer(stack, "First", { node });
    expect(refusal(() => new StandaloneLoadBalancer(stack, "Second", { node }))).toMatchInlineSnapshot(
      `"[prod/Second] 'node' must be a node that runs nothing else, got prod/Node1, which runs prod/First already [DNSLB112]"`,
    );
  });
});

describe("a load balancer at synthesis", () => {
  test("passes when all is well", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Internal", { pool, allowFrom });
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
  });

  test("fails when nothing is served", () => {
    expect(problemsAtSynthesis(givenLoadBalancer().stack)).toMatchInlineSnapshot(
      `"[prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"`,
    );
  });

  test("fails when a frontend listens on an address that is none of the load balancer", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Internal", { pool, allowFrom, address: "10.0.0.53" });
    lb.addDnsFrontend("Other", { pool, allowFrom, addresses: ["fd53::2", "fd53::53"] });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] [prod/Dns/Internal] 'address' must be an address of load balancer "dns" (of the construct id "Dns") (10.0.0.2 or fd53::2), got "10.0.0.53" [DNSLB001]
      [prod/Dns] [prod/Dns/Other] 'addresses[1]' must be an address of load balancer "dns" (of the construct id "Dns") (10.0.0.2 or fd53::2), got "fd53::53" [DNSLB001]"
    `);
  });

  test("fails when two frontends listen on one address", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Internal", { pool, allowFrom });
    lb.addDnsFrontend("Other", { pool, allowFrom, address: "fd53::2" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Dns] [prod/Dns/Other] 'address' listens on [fd53::2]:53, where frontend "internal" (of the construct id "Internal") listens already; give one of them another address or port [DNSLB002]"`,
    );
  });

  test("fails when DoT listeners or statistics take a port that is taken", () => {
    const { stack, lb, pool } = givenLoadBalancer({
      statistics: { port: 853, user: "ops", password: Secret.fromNodeFile("/etc/password") },
    });
    const frontend = lb.addDnsFrontend("Internal", { pool, allowFrom, address: "10.0.0.2" });
    new DotListener(stack, "Dot", { frontend, certificate });
    new DotListener(stack, "OtherDot", { frontend, certificate });
    new DotListener(stack, "Plain", { frontend, certificate, port: 53 });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] 'statistics.port' listens on 10.0.0.2:853, where DoT listener "dot" listens already; give one of them another address or port [DNSLB002]
      [prod/Dns] [prod/OtherDot] 'port' listens on 10.0.0.2:853, where DoT listener "dot" listens already; give one of them another address or port [DNSLB002]
      [prod/Dns] [prod/Plain] 'port' listens on 10.0.0.2:53, where frontend "internal" (of the construct id "Internal") listens already; give one of them another address or port [DNSLB002]"
    `);
  });

  test("says once that many listeners have few connections each, and fails when they have too few", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    const frontend = lb.addDnsFrontend("Internal", { pool, allowFrom, address: "10.0.0.2" });
    const addListeners = (from: number, to: number) => {
      for (let port = from; port < to; port++) new DotListener(stack, `Dot${port}`, { frontend, certificate, port });
    };
    const warnings = () => lb.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => data);
    addListeners(1_000, 1_044);
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
    expect(warnings()).toEqual([]);
    addListeners(1_044, 1_047);
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
    expect(warnings()).toMatchInlineSnapshot(`
      [
        "load balancer "dns" (of the construct id "Dns") has 48 frontends and DoT listeners, which share the 8000 TCP and TLS connections of a node: each is sure of 150 connections at once, and up to 600 while others leave them; give its nodes more 'maxConnections', or spread them over several load balancers, if that is too few [DNSLB132]",
      ]
    `);
    addListeners(1_047, 1_052);
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Dns] load balancer "dns" (of the construct id "Dns") has 53 frontends and DoT listeners, which share the 8000 TCP and TLS connections of a node: each has 147 connections, and needs 150, so that one client cannot fill it; give its nodes more 'maxConnections', spread them over several load balancers, or give frontends of one pool and policy their addresses in one 'addresses' [DNSLB013]"`,
    );
  });

  test("fails when statistics are on an address that is none of the load balancer", () => {
    const { stack, lb, pool } = givenLoadBalancer({
      statistics: { address: "10.0.0.99", user: "ops", password: Secret.fromNodeFile("/etc/password") },
    });
    lb.addDnsFrontend("Internal", { pool, allowFrom });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Dns] 'statistics.address' must be an address of the load balancer (10.0.0.2 or fd53::2), got "10.0.0.99" [DNSLB001]"`,
    );
  });

  test("fails when names collide in the daemons", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    const frontend = lb.addDnsFrontend("DnsInternal", { pool, allowFrom, address: "10.0.0.2" });
    lb.addDnsFrontend("dns-internal", { pool: resolverPool(stack, "resolvers"), allowFrom, address: "fd53::2" });
    new DotListener(stack, "DNSInternal", { frontend, certificate });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] [prod/DNSInternal] the construct id becomes the name "dns-internal", as another listener of the load balancer does; choose another construct id [DNSLB003]
      [prod/Dns] [prod/Dns/dns-internal] 'pool' leads to a pool that becomes the name "resolvers", as another pool of the load balancer does; choose another construct id [DNSLB003]
      [prod/Dns] [prod/Dns/dns-internal] the construct id becomes the name "dns-internal", as another listener of the load balancer does; choose another construct id [DNSLB003]"
    `);
  });

  test("fails when the direct path of TCP cannot enforce a policy", () => {
    const { stack, lb } = givenLoadBalancer();
    const pool = new AuthoritativePool(stack, "Authoritative", {
      zones: ["example.com"],
      servers: [{ name: "auth1", address: "192.168.1.20" }],
      zoneTransfer: { primary: "auth1", allowFrom: ["198.51.100.0/24"] },
    });
    lb.addDnsFrontend("Public", {
      pool,
      tcpPath: "direct",
      rateLimit: RateLimit.perClient({ queries: "50/10s", connections: "20/10s" }),
      accessRules: [
        AccessRule.drop({ from: ["192.0.2.0/24"] }),
        AccessRule.refuse({ types: ["ANY"] }),
        AccessRule.refuse({ names: ["bad.example"] }),
      ],
    });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] [prod/Dns/Public] 'accessRules[1]' matches queries by their name, type, class or opcode, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected" [DNSLB004]
      [prod/Dns] [prod/Dns/Public] 'accessRules[2]' matches queries by their name, type, class or opcode, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected" [DNSLB004]
      [prod/Dns] [prod/Dns/Public] 'pool' leads to pool "authoritative" (of the construct id "Authoritative") with a 'zoneTransfer', which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected" [DNSLB004]
      [prod/Dns] [prod/Dns/Public] 'rateLimit' limits queries to "50/10s", which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected" [DNSLB004]"
    `);
  });

  test("passes on the direct path when a rule is for UDP alone", () => {
    const { stack, lb } = givenLoadBalancer();
    const pool = new AuthoritativePool(stack, "Authoritative", {
      zones: ["example.com"],
      servers: [{ name: "auth1", address: "192.168.1.20" }],
    });
    const accessRules = [AccessRule.truncate({ types: ["ANY"], names: ["example.com"] }), AccessRule.minimalAny()];
    lb.addDnsFrontend("Public", { pool, accessRules });
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
  });

  test("fails when a node's dnsdist is too old for what a rule does", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Node1", ["10.0.0.2"]);
    const older = Object.assign(node, { profile: { ...node.profile, versions: DEBIAN_12 } });
    const lb = new StandaloneLoadBalancer(stack, "Dns", { node: older, identity: true });
    const pool = new AuthoritativePool(stack, "Authoritative", {
      zones: ["example.com"],
      servers: [{ name: "auth1", address: "192.168.1.20" }],
    });
    const accessRules = [
      AccessRule.truncate({ types: ["ANY"] }),
      AccessRule.refuse({ from: ["10.2.0.0/16"], extendedError: "prohibited" }),
      AccessRule.minimalAny(),
    ];
    lb.addDnsFrontend("Public", { pool, accessRules });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] 'identity' tells the name of each node in the class CH, which needs dnsdist 1.9 or newer, and node "node1" (of the construct id "Node1") has 1.7 [DNSLB024]
      [prod/Dns] [prod/Dns/Public] 'accessRules[1]' gives a reason with REFUSED, which needs dnsdist 1.9 or newer, and node "node1" (of the construct id "Node1") has 1.7 [DNSLB024]
      [prod/Dns] [prod/Dns/Public] 'accessRules[2]' answers ANY with a record of type HINFO, which needs dnsdist 1.9 or newer, and node "node1" (of the construct id "Node1") has 1.7 [DNSLB024]"
    `);
  });

  test("fails when the direct path of TCP leads around the permission to transfer zones", () => {
    const { stack, lb } = givenLoadBalancer();
    const common = { zones: ["example.com"], servers: [{ name: "auth1", address: "192.168.1.20" }] };
    const zoneTransfer = { primary: "auth1", allowFrom: ["198.51.100.0/24"] };
    const transferred = new AuthoritativePool(stack, "Transferred", { ...common, zoneTransfer });
    lb.addDnsFrontend("Public", { pool: transferred, address: "10.0.0.2", tcpPath: "inspected" });
    const plain = new AuthoritativePool(stack, "Plain", common);
    lb.addDnsFrontend("Plain", { pool: plain, address: "fd53::2", tcpPath: "direct" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Dns] [prod/Dns/Plain] 'pool' leads to server "auth1" of pool "plain" (of the construct id "Plain") at 192.168.1.20:53, which gives its zones to the load balancer for the 'zoneTransfer' of pool "transferred" (of the construct id "Transferred"), so that by the direct TCP path every client of the frontend could transfer its zones; set tcpPath: "inspected", or give the frontend another server [DNSLB014]"`,
    );
  });

  test("fails when connections shall end at an age, on the direct path and beside zone transfers", () => {
    const { stack, lb, pool } = givenLoadBalancer({ maximumConnectionAge: "10m" });
    const zoneTransfer = { primary: "primary", allowFrom };
    const authoritative = new AuthoritativePool(stack, "Authoritative", {
      servers: [{ name: "primary", address: "192.168.2.10" }],
      zones: ["example.com"],
      zoneTransfer,
    });
    lb.addDnsFrontend("Internal", { pool, allowFrom, address: "10.0.0.2", tcpPath: "direct" });
    lb.addDnsFrontend("Public", { pool: authoritative, address: "fd53::2" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Dns] [prod/Dns/Internal] 'tcpPath' must be "inspected", got "direct", on a load balancer with 'maximumConnectionAge': HAProxy ends no connection for its age, dnsdist does [DNSLB004]
      [prod/Dns] [prod/Dns/Public] 'pool' leads to pool "authoritative" (of the construct id "Authoritative") with a 'zoneTransfer', which would be cut after the load balancer's 'maximumConnectionAge' of "10m"; leave out one of the two, or serve transfers from another load balancer [DNSLB011]"
    `);
  });

  describe("without a chosen path for TCP", () => {
    const resolvers = (stack: TerraformStack) => resolverPool(stack, "Others");
    const transferred = (stack: TerraformStack) =>
      new AuthoritativePool(stack, "Authoritative", {
        zones: ["example.com"],
        servers: [{ name: "auth1", address: "192.168.1.20" }],
        zoneTransfer: { primary: "auth1", allowFrom },
      });
    const route = (stack: TerraformStack) => Route.toPool(resolvers(stack), { names: ["corp.example"] });
    const pathsOf = (lb: StandaloneLoadBalancer) => modelOf(lb).frontends.map(({ tcpPath }) => tcpPath);
    const hintsOf = (frontend: IConstruct) =>
      frontend.node.metadata.filter(({ type }) => type === "@cdktf/info").map(({ data }) => data);

    test.each<[string, string, (stack: TerraformStack) => Partial<DnsFrontendOptions>]>([
      [
        "a limit on queries",
        "'rateLimit' limits queries to \"50/10s\"",
        () => ({ rateLimit: RateLimit.perClient({ queries: "50/10s" }) }),
      ],
      [
        "a rule by type",
        "'accessRules[0]' matches queries by",
        () => ({ accessRules: [AccessRule.refuse({ types: ["ANY"] })] }),
      ],
      ["a route", "'routes[0]' leads some queries to another pool", (stack) => ({ routes: [route(stack)] })],
      ["a zone transfer", "'pool' leads to pool \"authoritative\"", (stack) => ({ pool: transferred(stack) })],
    ])("is inspected for %s, and says so once", (_what, hint, policy) => {
      const { stack, lb, pool } = givenLoadBalancer();
      const frontend = lb.addDnsFrontend("Public", { pool, allowFrom, ...policy(stack) });
      expect(pathsOf(lb)).toEqual(["inspected"]);
      expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
      expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
      const [first = "", ...others] = hintsOf(frontend);
      expect(others).toEqual([]);
      expect(first).toContain(`TCP is inspected by dnsdist, because ${hint}`);
      expect(first).toContain('tcpPath: "inspected" says so in words');
    });

    test("is inspected where connections end at an age, and where a server would give its zones away", () => {
      const aged = givenLoadBalancer({ maximumConnectionAge: "10m" });
      aged.lb.addDnsFrontend("Public", { pool: aged.pool, allowFrom });
      expect(pathsOf(aged.lb)).toEqual(["inspected"]);
      const { stack, lb } = givenLoadBalancer();
      const servers = [{ name: "auth1", address: "192.168.1.20" }];
      const plain = new AuthoritativePool(stack, "Plain", { zones: ["example.com"], servers });
      lb.addDnsFrontend("Public", { pool: transferred(stack), address: "10.0.0.2" });
      const other = lb.addDnsFrontend("Plain", { pool: plain, address: "fd53::2" });
      expect(pathsOf(lb)).toEqual(["inspected", "inspected"]);
      expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
      expect(hintsOf(other)).toEqual([expect.stringContaining("because 'pool' leads to server \"auth1\" of pool")]);
    });

    test("is direct for all else, and says nothing", () => {
      const { stack, lb, pool } = givenLoadBalancer();
      const frontend = lb.addDnsFrontend("Public", {
        pool,
        allowFrom,
        rateLimit: RateLimit.perClient({ connections: "20/10s" }),
        accessRules: [AccessRule.drop({ from: ["10.2.0.0/16"] }), AccessRule.truncate({ types: ["ANY"] })],
      });
      expect(pathsOf(lb)).toEqual(["direct"]);
      expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
      expect(hintsOf(frontend)).toEqual([]);
    });
  });

  test("passes when the inspected path enforces the same policy", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Public", {
      pool,
      allowFrom,
      tcpPath: "inspected",
      rateLimit: RateLimit.perClient({ queries: "50/10s" }),
      accessRules: [AccessRule.refuse({ types: ["ANY"] })],
    });
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
  });

  test("passes when the direct path has limits on connections alone", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Internal", {
      pool,
      allowFrom,
      rateLimit: RateLimit.perClient({ connections: "20/10s" }),
      accessRules: [AccessRule.drop({ from: ["192.0.2.0/24"] })],
    });
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
  });

  test("fails with the line that made the construct to blame", () => {
    const { stack, lb, pool } = givenLoadBalancer();
    lb.addDnsFrontend("Internal", { pool, allowFrom, address: "10.0.0.53" });
    expect(lb.node.validate()).toEqual([
      expect.stringMatching(/^\[prod\/Dns\/Internal\] 'address' .* \(made at test\/ha\/load-balancer\.test\.ts:\d+\)$/),
    ]);
    expect(() => Testing.synth(stack, true)).toThrow("[prod/Dns] [prod/Dns/Internal] 'address' must be");
  });
});
