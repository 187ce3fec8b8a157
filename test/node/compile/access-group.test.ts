import { describe, expect, test } from "vitest";
import type { AccessRule } from "../../../lib/model/access-rule.js";
import { groupsOf } from "../../../lib/node/compile/access-group.js";

const refuse = (changes: Partial<AccessRule>): AccessRule => ({
  ...{ action: "refuse", from: [], names: [], types: [] },
  ...changes,
});
const titles = (...rules: AccessRule[]) => groupsOf(rules).map(({ title }) => title);

describe("access rules that are one rule of dnsdist", () => {
  test.each(["from", "names", "types", "classes", "opcodes"] as const)("differ in %s alone", (condition) => {
    const values = {
      from: ["10.1.0.0/16", "10.2.0.0/16"],
      names: ["a.", "b."],
      types: ["A", 28],
      classes: ["CH", 4],
      opcodes: ["NOTIFY", 2],
    };
    const [one, other] = values[condition];
    const rules = [
      refuse({ [condition]: [one] }),
      refuse({ [condition]: [other, one] }),
      refuse({ [condition]: [other] }),
    ];
    expect(groupsOf(rules)).toEqual([{ title: "access rules 1 to 3", rule: refuse({ [condition]: [one, other] }) }]);
  });

  test("keep the conditions that they share", () => {
    const rules = ["a.", "b."].map((name) => refuse({ from: ["10.1.0.0/16"], types: ["ANY"], names: [name] }));
    expect(groupsOf(rules)).toEqual([
      { title: "access rules 1 to 2", rule: refuse({ from: ["10.1.0.0/16"], types: ["ANY"], names: ["a.", "b."] }) },
    ]);
  });

  test("follow each other", () => {
    const [one, drop, other] = [
      refuse({ names: ["a."] }),
      refuse({ action: "drop", names: ["b."] }),
      refuse({ names: ["c."] }),
    ];
    expect(titles(one, one, drop, other, other, other)).toEqual([
      "access rules 1 to 2",
      "access rule 3",
      "access rules 4 to 6",
    ]);
  });

  test("are no rules that differ in more than one condition, or in others than those before", () => {
    const rule = refuse({ from: ["10.1.0.0/16"], names: ["a."] });
    const [network, name] = [{ from: ["10.2.0.0/16"] }, { names: ["b."] }];
    expect(titles(rule, { ...rule, ...network, ...name })).toHaveLength(2);
    expect(titles(rule, { ...rule, ...network }, { ...rule, ...name })).toEqual([
      "access rules 1 to 2",
      "access rule 3",
    ]);
  });

  test("are no rules without the condition in which they differ: none is all", () => {
    const [some, all] = [refuse({ from: ["10.1.0.0/16"], names: ["a."] }), refuse({ names: ["a."] })];
    expect(titles(some, all)).toHaveLength(2);
    expect(titles(all, some)).toHaveLength(2);
  });

  test("have one action, one reason and one TTL", () => {
    const [one, other] = [{ names: ["a."] }, { names: ["b."] }];
    expect(titles(refuse(one), refuse({ ...other, action: "drop" }))).toHaveLength(2);
    expect(titles(refuse(one), refuse({ ...other, extendedError: { code: "filtered" } }))).toHaveLength(2);
    const reasons = ["x", "y"].map((text) => ({ code: "filtered", text }) as const);
    expect(titles(...reasons.map((extendedError) => refuse({ ...one, extendedError })))).toHaveLength(2);
    const any = { ...refuse(one), action: "minimal-any", ttl: "1h" } as const;
    expect(titles(any, { ...any, ...other, ttl: "2h" })).toHaveLength(2);
    expect(titles(any, { ...any, ...other })).toHaveLength(1);
  });
});
