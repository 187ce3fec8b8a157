import { createRequire } from "node:module";
import { join } from "node:path";
import type { AppPlan } from "./app.js";

const TSX = createRequire(__filename).resolve("tsx/cjs");

/** The command that synthesizes an app of the bench as users do, with options for Node before it. */
export function commandOf(app: "ours" | "plain", plan: AppPlan, ...options: readonly string[]): string[] {
  return [process.execPath, ...options, "--require", TSX, join(__dirname, `${app}.ts`), JSON.stringify(plan)];
}
