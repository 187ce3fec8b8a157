import { type Bound, none } from "../../../scripts/figures/bounds.js";
import { table } from "../../../scripts/figures/table.js";
import { type FlowReport, sumByWay } from "./flows.js";

/** What a stage of the drill found. */
export interface Outcome {
  readonly bounds: readonly Bound[];
  /** For people. */
  readonly text: string;
  /** For machines. */
  readonly figures: unknown;
}

const COLUMNS = {
  ...{ way: "way", sent: "sent", lost: "lost", refused: "refused", closed: "closed", wrong: "wrong" },
  ...{ broken: "broken", repeated: "repeated" },
  ...{ longestGap: "gap ms", slowest: "slowest ms", worstDelay: "client late ms" },
} as const satisfies Partial<Record<keyof FlowReport, string>>;

/** Shows what became of all flows, by the way that they travel. */
export function showFlows(rows: readonly (readonly [string, readonly FlowReport[]])[], first = ""): string {
  const keys = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  return table(
    [first, ...Object.values(COLUMNS)],
    rows.flatMap(([name, reports]) => sumByWay(reports).map((report) => [name, ...keys.map((key) => report[key])])),
  );
}

/** Nothing of some flows may be lost, answered by a wrong pool, or broken. */
export function nothingLost(what: string, reports: readonly FlowReport[]): readonly Bound[] {
  const sum = (value: (report: FlowReport) => number) =>
    reports.length === 0 || reports.some(({ sent }) => sent === 0)
      ? undefined
      : reports.reduce((total, report) => total + value(report), 0);
  return [
    none(
      `${what}: queries lost`,
      sum(({ lost }) => lost),
    ),
    none(
      `${what}: answers from a wrong pool`,
      sum(({ wrong }) => wrong),
    ),
    none(
      `${what}: persistent connections broken`,
      sum(({ broken }) => broken),
    ),
  ];
}
