import { describe, expect, test } from "vitest";
import { NUMBERED_TYPES, TYPES } from "../../lib/core/records/types.js";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { QUERY_TYPES } from "../../lib/model/query-kind.js";
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

  test("takes types, classes and opcodes by name and by number", () => {
    const kinds = { types: ["ANY", 65_280], classes: ["CH", 2], opcodes: ["NOTIFY", 15] } as const;
    expect(AccessRule.drop(kinds)).toMatchObject(kinds);
    expect(AccessRule.refuse({ classes: ["ANY"] })).toEqual({
      ...{ action: "refuse", from: [], names: [], types: [], classes: ["ANY"] },
    });
  });

  test("truncates, refuses with a reason, and answers ANY", () => {
    expect(AccessRule.truncate({ types: ["ANY"] })).toMatchObject({ action: "truncate", types: ["ANY"] });
    const reason = AccessRule.refuse({ types: ["ANY"], extendedError: "filtered", extendedErrorText: "no ANY" });
    expect(reason).toMatchObject({ extendedError: { code: "filtered", text: "no ANY" } });
    expect(AccessRule.refuse({ types: ["ANY"], extendedError: 49_152 }).extendedError).toEqual({ code: 49_152 });
    expect(AccessRule.minimalAny()).toEqual({
      ...{ action: "minimal-any", from: [], names: [], types: ["ANY"], ttl: "1h" },
    });
    expect(AccessRule.minimalAny({ names: ["A.Example"], from: ["10.0.0.0/8"], ttl: "2d" })).toMatchObject({
      ...{ names: ["a.example."], from: ["10.0.0.0/8"], ttl: "2d" },
    });
  });

  test("knows every type of IANA's that a zone can hold", () => {
    const known = Object.entries({ ...NUMBERED_TYPES }).concat(
      Object.entries(TYPES).map(([name, { number }]) => [name, number]),
    );
    expect(QUERY_TYPES).toMatchObject(Object.fromEntries(known));
    expect(new Set(Object.values(QUERY_TYPES)).size).toBe(Object.keys(QUERY_TYPES).length);
  });

  test("gives frozen data", () => {
    const rule = AccessRule.drop({ types: ["ANY"] });
    expect([rule, rule.from, rule.names, rule.types].every(Object.isFrozen)).toBe(true);
  });

  const refused = (options: object) => refusal(() => AccessRule.refuse(options));

  test("fails when a rule would turn everything away", () => {
    expect(refused({})).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] AccessRule.refuse() would turn everything away; give 'from', 'names', 'types', 'classes' or 'opcodes' [DNSLB117]"`,
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
    expect(refused({ names: ["a b", "x\ny"], types: ["any", "TYPE65280", "FOO", -1] })).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'names[0]' must be a domain name in ASCII, such as "example.com", got "a b" [DNSLB109]
      [AccessRule.refuse()] 'names[1]' must be a domain name in ASCII, such as "example.com", got "x\\ny" [DNSLB109]
      [AccessRule.refuse()] 'types[0]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got "any"; did you mean "ANY"? [DNSLB103]
      [AccessRule.refuse()] 'types[1]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got "TYPE65280"; did you mean 65280? [DNSLB103]
      [AccessRule.refuse()] 'types[2]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got "FOO" [DNSLB103]
      [AccessRule.refuse()] 'types[3]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got -1 [DNSLB103]"
    `);
  });

  test("fails when a list is none", () => {
    expect(refused({ from: "10.0.0.0/8" })).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] 'from' must be a list, got "10.0.0.0/8" [DNSLB103]"`,
    );
  });

  test("fails when types, classes or opcodes are none", () => {
    expect(
      refused({ types: [65_536, 1.5], classes: ["chaos", "CLASS2", {}], opcodes: ["notify", 16] }),
    ).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'classes[0]' must be a class by its name in capitals, such as "CH", or by its number, from 0 to 65535, got "chaos"; did you mean "CH"? [DNSLB103]
      [AccessRule.refuse()] 'classes[1]' must be a class by its name in capitals, such as "CH", or by its number, from 0 to 65535, got "CLASS2"; did you mean 2? [DNSLB103]
      [AccessRule.refuse()] 'classes[2]' must be a class by its name in capitals, such as "CH", or by its number, from 0 to 65535, got {} [DNSLB103]
      [AccessRule.refuse()] 'opcodes[0]' must be an opcode by its name in capitals, such as "NOTIFY", or by its number, from 0 to 15, got "notify"; did you mean "NOTIFY"? [DNSLB103]
      [AccessRule.refuse()] 'opcodes[1]' must be an opcode by its name in capitals, such as "NOTIFY", or by its number, from 0 to 15, got 16 [DNSLB103]
      [AccessRule.refuse()] 'types[0]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got 65536 [DNSLB103]
      [AccessRule.refuse()] 'types[1]' must be a record type by its name in capitals, such as "ANY", or by its number, from 0 to 65535, got 1.5 [DNSLB103]"
    `);
  });

  test("fails when a reason is none, or a text without one", () => {
    const types = ["ANY"];
    expect(refused({ types, extendedError: "bad", extendedErrorText: "é" })).toMatchInlineSnapshot(`
      "[AccessRule.refuse()] 'extendedError' must be one of "other", "not-ready", "blocked", "censored", "filtered", "prohibited", "not-authoritative", "not-supported", "no-reachable-authority", or a number from 0 to 65535, got "bad" [DNSLB103]
      [AccessRule.refuse()] 'extendedErrorText' must be 1 to 100 printable ASCII characters, got "é" [DNSLB109]"
    `);
    expect(refused({ types, extendedErrorText: "please ask us" })).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] 'extendedErrorText' goes with an 'extendedError'; give that too, such as "prohibited" [DNSLB113]"`,
    );
    expect(refused({ types, extendedError: 65_536 })).toMatchInlineSnapshot(
      `"[AccessRule.refuse()] 'extendedError' must be one of "other", "not-ready", "blocked", "censored", "filtered", "prohibited", "not-authoritative", "not-supported", "no-reachable-authority", or a number from 0 to 65535, got 65536 [DNSLB103]"`,
    );
  });

  test("fails when other actions are given a reason, or the answer to ANY a type", () => {
    const options = { types: ["ANY"], extendedError: "blocked" } as object;
    expect(refusal(() => AccessRule.drop(options))).toMatchInlineSnapshot(
      `"[AccessRule.drop()] 'extendedError' is no property of AccessRule.drop(), it takes 'from', 'names', 'types', 'classes', 'opcodes' [DNSLB101]"`,
    );
    expect(refusal(() => AccessRule.truncate({}))).toMatchInlineSnapshot(
      `"[AccessRule.truncate()] AccessRule.truncate() would turn everything away; give 'from', 'names', 'types', 'classes' or 'opcodes' [DNSLB117]"`,
    );
    expect(
      refusal(() => AccessRule.minimalAny({ types: ["ANY"], names: [], ttl: "8d" } as object)),
    ).toMatchInlineSnapshot(`
      "[AccessRule.minimalAny()] 'names' must not be an empty list; leave it out to match everything [DNSLB111]
      [AccessRule.minimalAny()] 'ttl' must be a duration of whole seconds between "1s" and "7d", got "8d" [DNSLB107]
      [AccessRule.minimalAny()] 'types' is no property of AccessRule.minimalAny(), it takes 'from', 'names', 'ttl' [DNSLB101]"
    `);
  });
});
