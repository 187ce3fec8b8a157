import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The text of runtime.lua, the program that applies a policy in dnsdist, with its judge. It is the same in every release.
 * It has no comments, because dnsdist restarts when it changes.
 */
export function runtimeLua(): string {
  const [judge, runtime] = ["judge.lua", "runtime.lua"].map((name) => readFileSync(join(__dirname, name), "utf8"));
  return withoutComments(`local judge = (function()\n${judge}end)()\n${runtime}`);
}

/** Leaves out lines that are empty or a comment; a test makes sure that there are no other comments. */
function withoutComments(lua: string): string {
  return lua.replaceAll(/^\s*(--.*)?\n/gm, "");
}
