import { table } from "../figures/table.js";
import type { Results } from "./results.js";
import type { Sample } from "./statistics.js";

/** What a figure or a ratio must keep to. */
export type Limit = { readonly atLeast: number } | { readonly atMost: number };

/** A promise about a figure or a ratio. */
export interface Bound {
  /** The name of the figure or the ratio. */
  readonly of: string;
  /** In words. */
  readonly title: string;
  readonly limit: Limit;
}

/** A bound with what was seen. */
export interface Verdict extends Bound {
  /** Absent where it was not measured, which keeps no bound. */
  readonly seen?: Pick<Sample, "median" | "low" | "high">;
  readonly kept: boolean;
}

/** Judges bounds: each holds if the end of the interval that is nearer to it reaches it. */
export function judge(bounds: readonly Bound[], { figures, ratios }: Results): Verdict[] {
  const known = new Map<string, Sample>([...figures, ...ratios].map((sample) => [sample.name, sample]));
  return bounds.map((bound) => {
    const sample = known.get(bound.of);
    if (sample === undefined) return { ...bound, kept: false };
    const { median, low, high } = sample;
    return { ...bound, seen: { median, low, high }, kept: keeps(bound.limit, { low, high }) };
  });
}

function keeps(limit: Limit, { low, high }: Pick<Sample, "low" | "high">): boolean {
  return "atLeast" in limit ? high >= limit.atLeast : low <= limit.atMost;
}

/* How wide an interval may be, against its median. */
const WIDEST = 0.3;

/** Whether an interval is so wide that it tells little: a bound holds as long as the interval reaches it. */
export function isBlurred({ median, low, high }: Pick<Sample, "median" | "low" | "high">): boolean {
  return high - low > WIDEST * median;
}

/** Shows every bound with what was seen. */
export function showVerdicts(verdicts: readonly Verdict[]): string {
  return table(["bound", "limit", "median", "95 % interval", ""], verdicts.map(rowOf));
}

/** Shows in one line whether all bounds were kept. */
export function showVerdict(verdicts: readonly Verdict[], seconds: number): string {
  const broken = verdicts.filter(({ kept }) => !kept);
  const time = `in ${seconds.toFixed(0)} s`;
  if (broken.length === 0) return `PASSED: all ${verdicts.length} bounds kept, ${time}`;
  return `FAILED: ${broken.length} of ${verdicts.length} bounds not kept, ${time}`;
}

function rowOf({ title, limit, seen, kept }: Verdict): string[] {
  const limitText = "atLeast" in limit ? `at least ${limit.atLeast}` : `at most ${limit.atMost}`;
  const mark = kept ? "kept" : "NOT KEPT";
  if (seen === undefined) return [title, limitText, "not measured", "", mark];
  return [title, limitText, rounded(seen.median), `${rounded(seen.low)} to ${rounded(seen.high)}`, mark];
}

function rounded(value: number): string {
  return value.toFixed(2);
}
