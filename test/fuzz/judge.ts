import type { App } from "cdktf";
import { UnscopedValidationError } from "../../lib/core/errors.js";
import { problemsOf } from "../../lib/testing/load-balancers-of.js";
import { type NodeUnderTest, nodesOf } from "../../lib/testing/nodes-of.js";
import { build, type Surroundings } from "./build.js";
import type { Plan } from "./plan.js";

/** What became of an app. */
export type Verdict =
  | { readonly kind: "refused"; readonly codes: readonly string[]; readonly text: string }
  | { readonly kind: "accepted"; readonly nodes: readonly NodeUnderTest[]; readonly app: App }
  | { readonly kind: "finding"; readonly text: string };

/** A line of ours: the construct's path or the call, the words, a code, and perhaps where the construct was made. */
const LINE = /^\[[^\n]*?\] .* \[(DNSLB\d{3})\](?: \(made at [^)]*\))?$/su;
/** Words that come from JavaScript, not from us. */
const LEAK = /\bundefined\b|\[object |\bNaN\b(?<!got NaN)/;

/** Builds and synthesizes an app: refused in our words, or accepted with compiled nodes. Anything else is a finding. */
export function judge(plan: Plan, surroundings: Surroundings): Verdict {
  let app: App;
  try {
    app = build(plan, surroundings);
  } catch (error) {
    return refusal(error);
  }
  const problems = problemsOf(app);
  if (problems.length > 0) return refusedBy(problems);
  try {
    app.synth();
    return { kind: "accepted", nodes: nodesOf(app), app };
  } catch (error) {
    return { kind: "finding", text: `synthesis threw after all validations passed: ${shown(error)}` };
  }
}

function refusal(error: unknown): Verdict {
  if (!(error instanceof UnscopedValidationError)) return { kind: "finding", text: `threw ${shown(error)}` };
  // Values may hold line breaks of their own, so the problems are counted, not the lines.
  const codes = error.problems.map(({ code }) => code);
  const wrong = codes.length === 0 || !error.message.startsWith("[") || LEAK.test(error.message);
  const unsaid = error.problems.find(({ message }) => message === "");
  if (wrong || unsaid) return { kind: "finding", text: `refused in poor words: ${error.message}` };
  return { kind: "refused", codes, text: error.message };
}

function refusedBy(problems: readonly string[]): Verdict {
  const poor = problems.find((line) => !LINE.test(line) || LEAK.test(line));
  if (poor !== undefined) return { kind: "finding", text: `refused in poor words: ${poor}` };
  const codes = problems.map((line) => LINE.exec(line)?.[1] ?? "");
  return { kind: "refused", codes, text: problems.join("\n") };
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)).slice(0, 3_000) : String(error);
}
