import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of runtime.lua, the program that applies a policy in dnsdist. It is the same in every release. */
export function runtimeLua(): string {
  return readFileSync(join(__dirname, "runtime.lua"), "utf8");
}
