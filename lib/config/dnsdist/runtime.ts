import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The files of policies that run in the Lua states of threads, by the names of the policies. */
const POLICY_FILES = {
  leastOutstanding: "least-outstanding.lua",
  roundRobin: "round-robin.lua",
  sourceHash: "source-hash.lua",
  sendAnyway: "send-anyway.lua",
};
/** What their texts begin with. */
const POLICY_HEAD = "pointers.lua";

/**
 * The text of runtime.lua, the program that applies a policy in dnsdist, with its judge and its policies. It is the same in
 * every release.
 * It has no comments, because dnsdist restarts when it changes.
 */
export function runtimeLua(): string {
  const policies = Object.entries(policyTexts()).map(([name, text]) => `${name} = [[\n${text}]],\n`);
  return withoutComments(
    `local judge = (function()\n${read("judge.lua")}end)()\nlocal POLICY_TEXTS = {\n${policies.join("")}}\n${read("runtime.lua")}`,
  );
}

/** The texts of the policies that run in the Lua states of threads, by their names. */
export function policyTexts(): Readonly<Record<string, string>> {
  const head = read("policies", POLICY_HEAD);
  return Object.fromEntries(Object.entries(POLICY_FILES).map(([name, file]) => [name, head + read("policies", file)]));
}

function read(...path: readonly string[]): string {
  return readFileSync(join(__dirname, ...path), "utf8");
}

/** Leaves out lines that are empty or a comment; a test makes sure that there are no other comments. */
function withoutComments(lua: string): string {
  return lua.replaceAll(/^\s*(--.*)?\n/gm, "");
}
