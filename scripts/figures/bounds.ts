import { table } from "./table.js";

/** What a figure must keep to. */
export type Limit = { readonly atMost: number } | { readonly below: number };

/** Something that was promised, and what was seen. */
export interface Bound {
  readonly name: string;
  readonly unit: "" | "ms";
  /** Absent where the step that knows it was not reached. */
  readonly limit?: Limit;
  /** Absent where it was not measured, which keeps no bound. */
  readonly seen?: number;
  readonly kept: boolean;
}

/** Whether all is as promised. */
export interface Verdict {
  readonly passed: boolean;
  /** What went wrong, and the bounds that were not kept. */
  readonly faults: readonly string[];
}

/** Judges: every bound must be kept, and nothing may have gone wrong. */
export function verdictOf(bounds: readonly Bound[], errors: readonly string[]): Verdict {
  const broken = bounds.filter(({ kept }) => !kept);
  const unknown = broken.filter(({ seen }) => seen === undefined);
  // What broke off need not be told bound by bound.
  const brief = errors.length > 0 && unknown.length > 1;
  const faults = [
    ...errors.map((error) => error.split("\n", 1)[0] ?? ""),
    ...(brief ? broken.filter(({ seen }) => seen !== undefined) : broken).map(faultText),
    ...(brief ? [`${unknown.length} bounds not measured`] : []),
  ];
  return { passed: bounds.length > 0 && faults.length === 0, faults };
}

/** Shows every bound with what was seen. */
export function showBounds(bounds: readonly Bound[]): string {
  const rows = bounds.map((bound) => [bound.name, limitText(bound), seenText(bound), bound.kept ? "kept" : "VIOLATED"]);
  return table(["promised", "limit", "seen", ""], rows);
}

/** Shows the verdict in one line. */
export function showVerdict({ passed, faults }: Verdict, bounds: readonly Bound[], seconds: number): string {
  if (passed) return `PASSED: all ${bounds.length} bounds kept, in ${seconds.toFixed(1)} s`;
  return `FAILED: ${faults.join("; ")}`;
}

/** A bound's limit in words. */
function limitText({ limit, unit }: Bound): string | undefined {
  if (limit === undefined) return undefined;
  if ("below" in limit) return `below ${withUnit(limit.below, unit)}`;
  return limit.atMost === 0 ? "0" : `at most ${withUnit(limit.atMost, unit)}`;
}

/** What was seen, in words. */
function seenText({ seen, unit }: Bound): string {
  return seen === undefined ? "not measured" : withUnit(seen, unit);
}

/** What went wrong with a bound, in words. */
function faultText(bound: Bound): string {
  const must = bound.seen === undefined ? "" : `, must be ${limitText(bound)}`;
  return `${bound.name}: ${seenText(bound)}${must}`;
}

/** A figure that must be 0. */
export function none(name: string, seen: number | undefined): Bound {
  return bound(name, "", { atMost: 0 }, seen);
}

/** A figure that must not be beyond another. */
export function atMost(name: string, limit: number, seen: number | undefined): Bound {
  return bound(name, "", { atMost: limit }, seen);
}

/** A time in milliseconds. */
export function within(name: string, limit: Limit | undefined, seen: number | undefined): Bound {
  return bound(name, "ms", limit, seen);
}

function bound(name: string, unit: Bound["unit"], limit: Limit | undefined, seen: number | undefined): Bound {
  return {
    ...{ name, unit },
    ...(limit === undefined ? {} : { limit }),
    ...(seen === undefined ? {} : { seen }),
    kept: seen !== undefined && limit !== undefined && keeps(seen, limit),
  };
}

function keeps(seen: number, limit: Limit): boolean {
  return "below" in limit ? seen < limit.below : seen <= limit.atMost;
}

function withUnit(value: number, unit: Bound["unit"]): string {
  return unit === "" ? String(value) : `${value} ${unit}`;
}
