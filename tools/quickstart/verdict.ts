import { type Bound, none, within } from "../../scripts/figures/bounds.js";
import type { Results } from "./report.js";

/** Milliseconds in which the lab must be up. */
const START = 20_000;
/** Milliseconds in which the virtual addresses of a dead node must answer again. */
const TAKEOVER = 1_500;

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
