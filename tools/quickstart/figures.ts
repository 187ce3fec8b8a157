import { type Bound, type Verdict, verdictOf } from "../../scripts/figures/bounds.js";
import type { StepTime } from "../../scripts/progress.js";
import type { Results } from "./report.js";
import { boundsOf } from "./verdict.js";

/** What a run knows of itself. */
export interface Run {
  readonly results: Results;
  /** What went wrong. */
  readonly errors: readonly string[];
  /** The versions of the daemons. */
  readonly versions: Readonly<Record<string, string>>;
  readonly steps: readonly StepTime[];
  readonly seconds: number;
}

/** A run with its judgement, as `--json` writes it. */
export interface Figures extends Run {
  readonly schema: 1;
  readonly verdict: Verdict;
  readonly bounds: readonly Bound[];
}

/** Judges a run. */
export function figuresOf(run: Run): Figures {
  const bounds = boundsOf(run.results);
  const verdict = verdictOf(bounds, run.errors);
  const { versions, steps, errors, results } = run;
  return { schema: 1, verdict, seconds: Number(run.seconds.toFixed(3)), versions, steps, bounds, errors, results };
}
