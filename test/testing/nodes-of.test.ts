import { describe, expect, test } from "vitest";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { InvalidAppError } from "../../lib/testing/errors.js";
import { loadBalancersOf } from "../../lib/testing/load-balancers-of.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, modelOf, newApp, newStack } from "../constructs.js";
import { appWithGroup, appWithPair } from "./app.js";

/** An app with two load balancers that serve nothing. */
function invalidApp() {
  const app = newApp();
  for (const [id, octet] of [
    ["a", 1],
    ["b", 2],
  ] as const) {
    const stack = newStack(id, app);
    new HaPair(stack, "Dns", {
      nodes: [
        new FakeNode(stack, "Lb1", [`10.${octet}.0.2`], `10.${octet}.0.0/24`),
        new FakeNode(stack, "Lb2", [`10.${octet}.0.3`], `10.${octet}.0.0/24`),
      ],
      virtualAddresses: [{ address: `10.${octet}.0.53` }],
      virtualRouterId: 53,
    });
  }
  return app;
}

describe("nodesOf()", () => {
  test("shows what each node runs", () => {
    const [lb1, lb2, ...rest] = nodesOf(appWithPair());
    expect(rest).toEqual([]);
    expect([lb1?.name, lb2?.name]).toEqual(["lb1", "lb2"]);
    expect(lb1?.loadBalancer.name).toBe("dns");
    expect(lb1?.haproxy.backend("resolvers").servers.map(({ address }) => address)).toEqual(["192.168.1.10"]);
    expect(lb1?.keepalived.instance("v4").priority).toBe(lb2?.keepalived.instance("v4").priority);
    expect(lb1?.dnsdist.pool("resolvers").servers).toHaveLength(1);
    expect(JSON.parse(lb2?.file("manifest.json") ?? "")).toMatchObject({ node: "lb2" });
  });

  test("shows what a node of a group announces", () => {
    const [node] = nodesOf(appWithGroup());
    expect(node?.bird.bgp("router2")).toMatchObject({ localAsn: 64_512, neighbor: "fd53::1", password: "PASSWORD_2" });
  });

  test("shows jest what it stores, and no getter", () => {
    const [lb1] = nodesOf(appWithPair());
    const shown: unknown = Reflect.get(lb1 ?? {}, Symbol.for("@jest/serializableProperties"));
    expect(shown).toEqual(["work", "node", "spec", "name", "files"]);
  });

  test("takes a stack", () => {
    expect(nodesOf(appWithPair().node.findChild("prod"))).toHaveLength(2);
  });

  test("fails when a file is asked for that is not there", () => {
    expect(() => nodesOf(appWithPair())[0]?.file("haproxy.cfg")).toThrowErrorMatchingInlineSnapshot(`
      [TestingError: node "lb1" has no file haproxy.cfg, it has:
        dnsdist/dnsdist.conf
        dnsdist/policy.lua
        dnsdist/runtime.lua
        haproxy/haproxy.cfg
        haproxy/lists/internal-allow.lst
        haproxy/restarts-due.map
        keepalived/adverts.nft
        keepalived/keepalived.conf
        manifest.json]
    `);
  });

  test("fails when validations find something, with all that they find", () => {
    const app = invalidApp();
    expect(() => nodesOf(app)).toThrow(InvalidAppError);
    try {
      nodesOf(app);
    } catch (error) {
      expect((error as Error).message.replace(/ \(made at [^)]*\)/g, "")).toMatchInlineSnapshot(`
        "the app does not pass its validations:
          [a/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]
          [b/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
      `);
    }
  });
});

describe("loadBalancersOf()", () => {
  test("gives the models", () => {
    const app = appWithPair();
    const pair = app.node.findChild("prod").node.findChild("Dns") as HaPair;
    expect(loadBalancersOf(app)).toEqual([modelOf(pair)]);
  });

  test("fails when validations find something", () => {
    expect(() => loadBalancersOf(invalidApp())).toThrow(InvalidAppError);
  });
});
