import { describe, expect, test } from "vitest";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { refusal } from "../constructs.js";

describe("AccessRule", () => {
  test("refuses and drops by what is given", () => {
    expect(AccessRule.refuse({ types: ["ANY"] })).toEqual({ action: "refuse", from: [], names: [], types: ["ANY"] });
    expect(AccessRule.drop({ from: ["192.0.2.0/24"], names: ["Bad.Example"] })).toEqual({
      action: "drop",
      from: ["192.0.2.0/24"],
      names: ["bad.example."],
      types: [],
    });
  });

  test("gives frozen data", () => {
    const rule = AccessRule.drop({ types: ["ANY"] });
    expect([rule, rule.from, rule.names, rule.types].every(Object.isFrozen)).toBe(true);
  });

  const refused = (options: object) => refusal(() => AccessRule.refuse(options));

  test("fails when a rule would turn everything away", () => {
    expect(refused({})).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] AccessRule.refuse() would turn everything away; give 'from', 'names' or 'types' [DNSLB117]"`,
    );
  });

  test("fails when lists are empty", () => {
    expect(refused({ from: [], types: [] })).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'from' must not be an empty list; leave it out to match everything [DNSLB111]
      [AccessRule.refuse()] 'types' must not be an empty list; leave it out to match everything [DNSLB111]"
    `);
  });

  test("fails when networks are none", () => {
    expect(refused({ from: ["10.0.0.1", "10.0.0.1/8", "10.0.0.0/33", "all", 10] })).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'from[0]' must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1"; did you mean "10.0.0.1/32"? [DNSLB106]
      [AccessRule.refuse()] 'from[1]' must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1/8"; did you mean "10.0.0.0/8"? [DNSLB106]
      [AccessRule.refuse()] 'from[2]' must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.0/33" [DNSLB106]
      [AccessRule.refuse()] 'from[3]' must be a network with its prefix length, such as "10.0.0.0/8", got "all" [DNSLB106]
      [AccessRule.refuse()] 'from[4]' must be a network with its prefix length, such as "10.0.0.0/8", got 10 [DNSLB106]"
    `);
  });

  test("fails when names or types are none", () => {
    expect(refused({ names: ["a b", "x\ny"], types: ["any"] })).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'names[0]' must be a domain name in ASCII, such as "example.com", got "a b" [DNSLB109]
      [AccessRule.refuse()] 'names[1]' must be a domain name in ASCII, such as "example.com", got "x\\ny" [DNSLB109]
      [AccessRule.refuse()] 'types[0]' must be one of "A", "AAAA", "ANY", "AXFR", "CNAME", "HTTPS", "IXFR", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT", got "any" [DNSLB103]"
    `);
  });

  test("fails when a list is none", () => {
    expect(refused({ from: "10.0.0.0/8" })).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] 'from' must be a list, got "10.0.0.0/8" [DNSLB103]"`,
    );
  });
});
