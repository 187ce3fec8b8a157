import { Annotations } from "cdktf";
import { describe, expect, test } from "vitest";
import { ResolverPool } from "../../../lib/dns/resolver-pool.js";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { FakeNode, newApp, newStack } from "../../constructs.js";
import { appForMatchers } from "./app.js";
import { all, message, outcomes } from "./uses.js";

expect.extend(dnsLbMatchers);

/** A pair without a frontend, which is DNSLB006. */
function emptyPair() {
  const stack = newStack();
  return new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.3"])],
    virtualAddresses: [{ address: "10.0.0.53" }],
    virtualRouterId: 53,
  });
}

const badPool = () => new ResolverPool(newStack(), "Resolvers", { servers: [] });
const stack = emptyPair().node.scope;
const valid = appForMatchers();

describe("toBreakRule", () => {
  test("passes, fails and refuses as told, negated too", () => {
    const holds = [["DNSLB006"], ["DNSLB006", /no frontend/], ["DNSLB006", expect.stringContaining("prod/Dns")]];
    expect(outcomes(stack, "toBreakRule", holds)).toEqual(all(holds, "passes", "fails"));
    const fails = [["DNSLB001"], ["DNSLB006", "no frontend"], ["DNSLB006", /no pool/], ["DNSLB132"]];
    expect(outcomes(stack, "toBreakRule", fails)).toEqual(all(fails, "fails", "passes"));
    const refused = [["DNSLB999"], ["6"], [6], [], ["DNSLB001", /anything/], ["DNSLB006", undefined], ["DNSLB006", 6]];
    expect(outcomes(stack, "toBreakRule", refused)).toEqual(all(refused, "refused", "refused"));
  });

  test("judges an app, and what a function constructs", () => {
    expect(stack?.node.root).toBreakRule("DNSLB006");
    expect(valid).not.toBreakRule("DNSLB006");
    expect(() => emptyPair()).toBreakRule("DNSLB006", /no frontend/);
    expect(badPool).toBreakRule("DNSLB111", /at least one server/);
    expect(badPool).not.toBreakRule("DNSLB006");
    expect(() => valid).not.toBreakRule("DNSLB006");
    expect(() => undefined).not.toBreakRule("DNSLB006");
  });

  test("finds warnings by their codes", () => {
    const app = newApp();
    const warned = newStack("prod", app);
    Annotations.of(warned).addWarning("few connections [DNSLB132]");
    expect(app).toBreakRule("DNSLB132", "[prod] few connections [DNSLB132]");
    expect(() => warned).toBreakRule("DNSLB132");
    expect(app).toPassRules();
  });

  test("fails with what is broken", () => {
    expect(message(() => expect(stack).toBreakRule("DNSLB001"))).toMatchInlineSnapshot(`
      "Error: DNSLB001 (address that the load balancer does not hold) is not broken; what is:
        [prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
    `);
    expect(message(() => expect(valid).toBreakRule("DNSLB001"))).toMatchInlineSnapshot(
      `"Error: DNSLB001 (address that the load balancer does not hold) is not broken; no rule is"`,
    );
    expect(message(() => expect(stack).not.toBreakRule("DNSLB006"))).toMatchInlineSnapshot(`
      "Error: DNSLB006 is broken:
        [prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
    `);
    expect(message(() => expect(stack).toBreakRule("DNSLB006", /no pool/))).toMatchInlineSnapshot(`
      "Error: DNSLB006 is broken, but not with the text /no pool/:
        [prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
    `);
    expect(message(() => expect(stack).not.toBreakRule("DNSLB001", /no pool/))).toMatchInlineSnapshot(`
      "TestingError: DNSLB001 (address that the load balancer does not hold) is not broken at all, with whatever text; what is:
        [prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
    `);
    expect(message(() => expect(stack).not.toBreakRule("DNSLB60"))).toMatch(
      /^TestingError: there is no code "DNSLB60"; the nearest of N:/,
    );
    expect(message(() => expect(async () => valid).toBreakRule("DNSLB006"))).toMatchInlineSnapshot(
      `"TestingError: toBreakRule() must get a function that makes constructs, got a promise: await it, or write "await expect(...).resolves""`,
    );
    expect(message(() => expect(() => 5).toBreakRule("DNSLB006"))).toMatchInlineSnapshot(
      `"TestingError: toBreakRule() must get a function that makes constructs, got a number"`,
    );
  });

  test("fails when a function throws something else", () => {
    const action = () => {
      throw new RangeError("of its own");
    };
    expect(message(() => expect(action).not.toBreakRule("DNSLB006"))).toBe("RangeError: of its own");
  });
});

describe("toPassRules", () => {
  test("passes where no rule is broken", () => {
    expect(valid).toPassRules();
    expect(() => valid).toPassRules();
    expect(stack).not.toPassRules();
    expect(badPool).not.toPassRules();
  });

  test("fails with what is broken", () => {
    expect(message(() => expect(stack).toPassRules())).toMatchInlineSnapshot(`
      "Error: rules are broken:
        [prod/Dns] load balancer "dns" (of the construct id "Dns") has no frontend; add one with addDnsFrontend() [DNSLB006]"
    `);
    expect(message(() => expect(valid).not.toPassRules())).toMatchInlineSnapshot(`"Error: no rule is broken"`);
  });
});
