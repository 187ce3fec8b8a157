import { describe, expect, test } from "vitest";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { AuthoritativePool } from "../../lib/dns/authoritative-pool.js";
import { DnsFrontend, type DnsFrontendProps } from "../../lib/dns/dns-frontend.js";
import { RateLimit } from "../../lib/dns/rate-limit.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, modelOf, newApp, newStack, refusal, resolverPool } from "../constructs.js";

function givenPair() {
  const stack = newStack();
  const loadBalancer = new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2", "fd53::2"]), new FakeNode(stack, "Lb2", ["10.0.0.3", "fd53::3"])],
    virtualAddresses: [{ address: "10.0.0.53" }, { address: "FD53::53" }],
    virtualRouterId: 53,
  });
  const authoritative = new AuthoritativePool(stack, "Authoritative", {
    zones: ["example.com"],
    servers: [{ name: "auth1", address: "192.168.1.20" }],
  });
  return { stack, loadBalancer, resolvers: resolverPool(stack), authoritative };
}

describe("DnsFrontend", () => {
  test("listens on all virtual addresses of a pair, closed but for what is allowed", () => {
    const { stack, loadBalancer, resolvers: pool } = givenPair();
    new DnsFrontend(stack, "Internal", { loadBalancer, pool, allowFrom: ["10.0.0.0/8", "FD53::/64"] });
    expect(modelOf(loadBalancer).frontends).toMatchObject([
      {
        name: "internal",
        addresses: ["10.0.0.53", "fd53::53"],
        pool: { name: "resolvers" },
        tcpPath: "direct",
        allowFrom: ["10.0.0.0/8", "fd53::/64"],
        accessRules: [],
        listeners: [{ kind: "dns", name: "internal", port: 53, idleTimeout: "10s" }],
      },
    ]);
  });

  test("listens on the node's own addresses where there is one node", () => {
    const stack = newStack();
    const lb = new StandaloneLoadBalancer(stack, "Dns", {
      node: new FakeNode(stack, "Node1", ["10.0.0.2", "fd53::2"]),
    });
    const frontend = lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
    expect(frontend.node.path).toBe("prod/Dns/Internal");
    expect(modelOf(lb).frontends[0]?.addresses).toEqual(["10.0.0.2", "fd53::2"]);
  });

  test("is open in front of an authoritative pool", () => {
    const { loadBalancer, authoritative } = givenPair();
    loadBalancer.addDnsFrontend("Public", { pool: authoritative });
    expect(modelOf(loadBalancer).frontends[0]?.allowFrom).toEqual(["0.0.0.0/0", "::/0"]);
  });

  test("keeps what it is told", () => {
    const { loadBalancer, authoritative } = givenPair();
    const rateLimit = RateLimit.perClient({ queries: "50/10s" });
    const accessRules = [AccessRule.drop({ types: ["ANY"] })];
    loadBalancer.addDnsFrontend("Public", {
      pool: authoritative,
      addresses: ["fd53::53", "10.0.0.53"],
      tcpPath: "inspected",
      rateLimit,
      accessRules,
      idleTimeout: "20s",
      closeTimeout: "2s",
    });
    expect(modelOf(loadBalancer).frontends[0]).toMatchObject({
      addresses: ["fd53::53", "10.0.0.53"],
      tcpPath: "inspected",
      rateLimit,
      accessRules,
      listeners: [{ idleTimeout: "20s", closeTimeout: "2s" }],
    });
  });

  test("listens on another port, beside a frontend on the same addresses", () => {
    const { stack, loadBalancer, resolvers: pool } = givenPair();
    const options = { loadBalancer, pool, allowFrom: ["10.0.0.0/8", "fd53::/64"] };
    new DnsFrontend(stack, "Internal", options);
    new DnsFrontend(stack, "Other", { ...options, port: 5353 });
    const { frontends } = modelOf(loadBalancer);
    expect(frontends.flatMap(({ listeners }) => listeners.map(({ port }) => port))).toEqual([53, 5353]);
  });

  test.each([5_199, 8_083, 8_405])("fails on port %i, which the node's daemons use", (port) => {
    const { stack, loadBalancer, resolvers: pool } = givenPair();
    expect(
      refusal(() => new DnsFrontend(stack, "Internal", { loadBalancer, pool, allowFrom: ["10.0.0.0/8"], port })),
    ).toBe(
      `[prod/Internal] 'port' must be none of 5199, 8083 and 8405, which the daemons of a node use themselves, got ${port}; choose another port [DNSLB104]`,
    );
  });

  test("may stand in another stack than its load balancer, and its pool in a third", () => {
    const app = newApp();
    const first = newStack("first", app);
    const lb = new StandaloneLoadBalancer(first, "Dns", { node: new FakeNode(first, "Node1", ["10.0.0.2"]) });
    const pool = resolverPool(newStack("second", app));
    new DnsFrontend(newStack("third", app), "Internal", { loadBalancer: lb, pool, allowFrom: ["10.0.0.0/8"] });
    expect(modelOf(lb).frontends).toHaveLength(1);
  });

  const refused = (props: object, id = "Internal") => {
    const { stack, loadBalancer, resolvers } = givenPair();
    const base = { loadBalancer, pool: resolvers, allowFrom: ["10.0.0.0/8"] };
    return refusal(() => new DnsFrontend(stack, id, { ...base, ...props } as DnsFrontendProps));
  };

  test("fails when a resolver is open because nothing is said", () => {
    expect(refused({ allowFrom: undefined })).toMatchInlineSnapshot(
      `"[prod/Internal] 'allowFrom' is required in front of a resolver pool, because open resolvers serve attackers (RFC 5358); name the networks of your clients, such as ["10.0.0.0/8"] [DNSLB114]"`,
    );
  });

  test("fails when a resolver is opened to a whole family", () => {
    expect(refused({ allowFrom: ["10.0.0.0/8", "0.0.0.0/0", "::/0"] })).toMatchInlineSnapshot(
      `"[prod/Internal] 'allowFrom' must not open a resolver to the world (RFC 5358), got "10.0.0.0/8", "0.0.0.0/0", "::/0"; name the networks of your clients, such as ["10.0.0.0/8"] [DNSLB114]"`,
    );
  });

  test("fails when nobody is allowed", () => {
    expect(refused({ allowFrom: [] })).toMatchInlineSnapshot(
      `"[prod/Internal] 'allowFrom' must hold at least one network, got an empty list, which serves nobody [DNSLB111]"`,
    );
  });

  test("fails when addresses are none, or there twice", () => {
    expect(refused({ address: "10.0.0.53/32" })).toMatchInlineSnapshot(
      `"[prod/Internal] 'address' must be an IPv4 or IPv6 address, got "10.0.0.53/32"; leave out the prefix length: "10.0.0.53" [DNSLB105]"`,
    );
    expect(refused({ addresses: ["fd53::53", "FD53:0::53", "x"] })).toMatchInlineSnapshot(`
      "[prod/Internal] 'addresses[1]' must be unique, got "FD53:0::53", which is addresses[0] too [DNSLB112]
      [prod/Internal] 'addresses[2]' must be an IPv4 or IPv6 address, got "x" [DNSLB105]"
    `);
    expect(refused({ addresses: [] })).toMatchInlineSnapshot(
      `"[prod/Internal] 'addresses' must hold at least one address, got an empty list; leave it out for all [DNSLB111]"`,
    );
  });

  test("fails when one address and several are given", () => {
    expect(refused({ address: "10.0.0.53", addresses: ["fd53::53"] })).toMatchInlineSnapshot(
      `"[prod/Internal] 'address' cannot go with 'addresses'; put all into 'addresses' [DNSLB113]"`,
    );
  });

  test("fails when references are none", () => {
    expect(
      refused({ loadBalancer: undefined, pool: "resolvers", rateLimit: 5, accessRules: ["drop"] }),
    ).toMatchInlineSnapshot(`
      "[prod/Internal] 'accessRules[0]' must be AccessRule.refuse(), AccessRule.drop(), AccessRule.truncate() or AccessRule.minimalAny(), got "drop" [DNSLB103]
      [prod/Internal] 'loadBalancer' is required: an HaPair, an AnycastGroup or a StandaloneLoadBalancer [DNSLB102]
      [prod/Internal] 'pool' must be a ResolverPool or an AuthoritativePool, got "resolvers" [DNSLB103]
      [prod/Internal] 'rateLimit' must be RateLimit.perClient(), got 5 [DNSLB103]"
    `);
  });

  test("fails when ANY would be answered for zones that are not the pool's", () => {
    const accessRules = [AccessRule.truncate({ types: ["ANY"] }), AccessRule.minimalAny()];
    expect(refused({ accessRules })).toMatchInlineSnapshot(
      `"[prod/Internal] 'accessRules[1]' answers ANY as a server of the zone does, and the frontend has resolvers alone; use AccessRule.truncate({ types: ["ANY"] }) [DNSLB113]"`,
    );
    const { loadBalancer, authoritative: pool } = givenPair();
    const names = ["www.Example.com", "example.net", "com"];
    expect(
      refusal(() => loadBalancer.addDnsFrontend("Public", { pool, accessRules: [AccessRule.minimalAny({ names })] })),
    ).toMatchInlineSnapshot(
      `"[prod/Dns/Public] 'accessRules[0]' answers ANY for "example.net.", "com.", which is in none of the pool's zones (example.com.); leave out what the servers do not have [DNSLB113]"`,
    );
  });

  test("fails when all clients are exempt from its limits", () => {
    const rateLimit = RateLimit.perClient({ connections: "5/s", exempt: ["10.0.0.0/8", "fd00::/8"] });
    expect(refused({ rateLimit, allowFrom: ["10.1.0.0/16", "fd00:1::/32"] })).toMatchInlineSnapshot(
      `"[prod/Internal] 'rateLimit' limits nobody: 'exempt' holds every network of 'allowFrom', "10.1.0.0/16", "fd00:1::/32"; leave out what is to be limited [DNSLB113]"`,
    );
    expect(refused({ rateLimit, allowFrom: ["10.1.0.0/16", "192.168.0.0/16"] })).toBe("nothing was refused");
  });

  test("fails when the path of TCP is unknown", () => {
    expect(refused({ tcpPath: "fast" })).toMatchInlineSnapshot(
      `"[prod/Internal] 'tcpPath' must be "direct" or "inspected", got "fast" [DNSLB103]"`,
    );
  });

  test("fails when the idle timeout has no unit", () => {
    expect(refused({ idleTimeout: "10" })).toMatchInlineSnapshot(
      `"[prod/Internal] 'idleTimeout' must be a duration between "1s" and "1h", got "10"; name the unit (ms, s, m, h, d): "10s" [DNSLB107]"`,
    );
  });

  test("fails when a client has longer to close than to do nothing", () => {
    expect(refused({ closeTimeout: "11s" })).toMatchInlineSnapshot(
      `"[prod/Internal] 'closeTimeout' must not be longer than the idle timeout of "10s", got "11s"; lower it or raise 'idleTimeout' [DNSLB113]"`,
    );
  });

  test("fails when the time to close is too short", () => {
    expect(refused({ closeTimeout: "500ms" })).toMatchInlineSnapshot(
      `"[prod/Internal] 'closeTimeout' must be a duration between "1s" and "1h", got "500ms" [DNSLB107]"`,
    );
  });

  test("fails when the construct id gives no name", () => {
    expect(refused({}, "9internal")).toMatchInlineSnapshot(
      `"[prod/9internal] the construct id "9internal" becomes the name "9internal" in the daemons, which must start with a letter and be at most 63 long; choose another id [DNSLB109]"`,
    );
  });

  test("fails when a property is unknown", () => {
    expect(refused({ bind: "*:53", allowfrom: [] })).toMatchInlineSnapshot(`
      "[prod/Internal] 'allowfrom' is no property of DnsFrontend, did you mean 'allowFrom'? [DNSLB101]
      [prod/Internal] 'bind' is no property of DnsFrontend, 'address' or 'addresses' and 'port' say where it listens [DNSLB101]"
    `);
  });
});
