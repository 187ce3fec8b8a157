import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The text of runtime.lua, the program that applies a policy in dnsdist, with its judge and the policy `sourceHash`. It is
 * the same in every release.
 * It has no comments, because dnsdist restarts when it changes.
 */
export function runtimeLua(): string {
  const parts = ["judge.lua", "source-hash.lua", "runtime.lua"];
  const [judge, sourceHash, runtime] = parts.map((name) => readFileSync(join(__dirname, name), "utf8"));
  return withoutComments(
    `local judge = (function()\n${judge}end)()\nlocal SOURCE_HASH = [[\n${sourceHash}]]\n${runtime}`,
  );
}

/** Leaves out lines that are empty or a comment; a test makes sure that there are no other comments. */
function withoutComments(lua: string): string {
  return lua.replaceAll(/^\s*(--.*)?\n/gm, "");
}
