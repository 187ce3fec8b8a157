import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "./plan.js";

/** A plan that once showed a fault, and what must become of it. */
export interface Vector {
  /** What was wrong. */
  readonly about: string;
  /** The codes of the refusal; none where the app is accepted. */
  readonly codes: readonly string[];
  readonly plan: Plan;
}

const FOLDER = join(__dirname, "vectors");

/** The names of all vectors. */
export function vectorNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort();
}

export function vector(name: string): Vector {
  return JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
}
