import type { Results } from "./report.js";
import { table } from "./table.js";

/** Milliseconds in which the lab must be up. */
const START = 20_000;
/** Milliseconds in which the virtual addresses of a dead node must answer again. */
const TAKEOVER = 1_500;

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

/** Holds the results against everything that is promised. */
export function boundsOf(results: Results): Bound[] {
  const { synthesis, start, queries, health, resolverKilled, listsChanged, masterKilled, takenDown } = results;
  const detections = resolverKilled && [resolverKilled.seenDetection.haproxy, resolverKilled.seenDetection.dnsdist];
  const detection = resolverKilled && { atMost: resolverKilled.computedDetection };
  return [
    none("synthesized files that differ from the model's", synthesis?.differing.length),
    within("start of the lab", { atMost: START }, start?.milliseconds),
    none(
      "queries not answered as they must be",
      countOf(queries, ({ right }) => !right),
    ),
    none(
      "servers that are not up",
      countOf(health?.servers, ({ up }) => !up),
    ),
    within("detection of a dead resolver", detection, latest(detections)),
    none(
      "lost after a dead resolver was detected",
      sumOf(resolverKilled?.flows, ({ lostAfter }) => lostAfter),
    ),
    none(
      "answered wrongly while a resolver is dead",
      sumOf(resolverKilled?.flows, ({ wrong }) => wrong),
    ),
    none(
      "lost while lists of servers change",
      sumOf(listsChanged?.flows, ({ lost }) => lost),
    ),
    none(
      "answered by a wrong pool meanwhile",
      sumOf(listsChanged?.flows, ({ wrong }) => wrong),
    ),
    none("pools not served by exactly their new list", countOf(listsChanged?.afterwards, isUnlike)),
    within("longest gap after the master's death", { below: TAKEOVER }, gapOf(masterKilled?.flows)),
    none(
      "answered wrongly after the master's death",
      sumOf(masterKilled?.flows, ({ wrong }) => wrong),
    ),
    none("virtual addresses that did not move", masterKilled?.unmoved.length),
    none("processes left behind", takenDown?.processes.length),
    none("network namespaces left behind", takenDown?.namespaces.length),
    none("directories left behind", takenDown?.directories.length),
  ];
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

function none(name: string, seen: number | undefined): Bound {
  return bound(name, "", { atMost: 0 }, seen);
}

function within(name: string, limit: Limit | undefined, seen: number | undefined): Bound {
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

/** How many of some are faulty; nothing was measured where there are none at all. */
function countOf<T>(items: readonly T[] | undefined, isFaulty: (item: T) => boolean): number | undefined {
  return items === undefined || items.length === 0 ? undefined : items.filter(isFaulty).length;
}

/** A sum over flows; a flow that sent nothing has measured nothing. */
function sumOf<T extends { readonly sent: number }>(flows: readonly T[] | undefined, value: (flow: T) => number) {
  if (flows === undefined || flows.length === 0 || flows.some(({ sent }) => sent === 0)) return undefined;
  return flows.reduce((sum, flow) => sum + value(flow), 0);
}

function gapOf(flows: readonly { readonly sent: number; readonly longestGap: number }[] | undefined) {
  if (flows === undefined || flows.length === 0 || flows.some(({ sent }) => sent === 0)) return undefined;
  return Math.max(...flows.map(({ longestGap }) => longestGap));
}

/** The later of both daemons; undefined if one of them never saw it. */
function latest(times: readonly (number | undefined)[] | undefined): number | undefined {
  const known = times?.filter((time) => time !== undefined);
  return known === undefined || known.length !== times?.length ? undefined : Math.max(...known);
}

function isUnlike({ servers, expected }: { servers: readonly string[]; expected: readonly string[] }): boolean {
  return [...servers].sort().join() !== [...expected].sort().join();
}

function withUnit(value: number, unit: Bound["unit"]): string {
  return unit === "" ? String(value) : `${value} ${unit}`;
}
