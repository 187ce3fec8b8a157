import { describe, expect, test } from "vitest";
import {
  ACTION_FUNCTIONS,
  DNSDIST_CONSTANTS,
  isDnsdistCheckOutputClean,
  POOL_POLICIES,
  RULE_FUNCTIONS,
  RUNTIME_FUNCTIONS,
  runtimeLua,
} from "../../../lib/config/dnsdist/index.js";

describe("runtime.lua", () => {
  const lua = runtimeLua();
  const words = /local WORDS = \{([^}]*)\}/.exec(lua)?.[1] ?? "";
  const listed = [...words.matchAll(/"(\w+)"/g)].map(([, word]) => word);
  const made = [...lua.matchAll(/function words\.(\w+)/g)].map(([, word]) => word);

  test("knows exactly the words of the model", () => {
    const constants = DNSDIST_CONSTANTS.map((name) => name.replace(/\..*/, ""));
    const model = new Set<string>([...RULE_FUNCTIONS, ...ACTION_FUNCTIONS, ...RUNTIME_FUNCTIONS, ...constants]);
    expect([...listed, ...made].sort()).toEqual([...model].sort());
  });

  test("knows exactly the pool policies of the model", () => {
    const table = /local POLICIES = \{([\s\S]*?)\n\}/.exec(lua)?.[1] ?? "";
    expect([...table.matchAll(/^ {2}(\w+) = /gm)].map(([, policy]) => policy).sort()).toEqual(
      [...POOL_POLICIES].sort(),
    );
  });
});

describe("what nodes get of runtime.lua and judge.lua", () => {
  test("has no comments, so that another comment restarts nothing", () => {
    expect(runtimeLua().trimEnd()).not.toMatch(/^[ \t]*(--|$)/m);
    // A comment behind code, or over lines, would not be left out.
    expect(runtimeLua()).not.toMatch(/\s--(\s|\[)/);
    expect(runtimeLua().split("\n").length).toBeGreaterThan(500);
  });
});

describe("isDnsdistCheckOutputClean", () => {
  test.each([
    ["Configuration '/x/dnsdist.conf' OK!\n", true],
    ["Configuration '/x/dnsdist.conf' OK!", true],
    ["", false],
    ["Warning, something\nConfiguration '/x/dnsdist.conf' OK!\n", false],
    ["Configuration '/x/dnsdist.conf' OK!\nmore\n", false],
    ["Fatal error: x\n", false],
  ])("%j is %s", (text, clean) => {
    expect(isDnsdistCheckOutputClean(text)).toBe(clean);
  });
});
