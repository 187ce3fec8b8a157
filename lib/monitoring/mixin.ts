import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INSTALLATION } from "../core/installation.js";

const COMPILED = join(INSTALLATION.path, "monitoring", "compiled");

/** The files of rules of the mixin, compiled with its defaults. */
export const RULE_FILES = ["alerts.yaml", "rules.yaml"] as const;

/** The rules and dashboards of the mixin by their path. */
export function mixinFiles(): Readonly<Record<string, string>> {
  const dashboards = readdirSync(join(COMPILED, "dashboards")).sort();
  const names = [...RULE_FILES, ...dashboards.map((name) => `dashboards/${name}`)];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(COMPILED, name), "utf8")]));
}
