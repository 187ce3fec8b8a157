import type { WatchCheck } from "../model/manifest.js";

/**
 * What can be wrong with a node, the most severe first. Whatever brings addresses to nodes prefers the node with the
 * less severe failure, in its own measure: VRRP in priorities.
 *
 * `drain`: an operator takes the node out of service. `dnsdist`, `haproxy`: the daemon does not answer. `interfaces`: an
 * interface of a virtual address is down. `pools`: a pool has no live server here, and has one at a peer. `watch`: nobody
 * checks the others.
 */
export const FAILURES = ["drain", "dnsdist", "haproxy", "interfaces", "pools", "watch"] as const;
/** One of the failures of a node. */
export type Failure = (typeof FAILURES)[number];

/** The failure that a check of the watch tells of; undefined for a daemon that the list does not name. */
export function failureOf(check: WatchCheck): Failure | undefined {
  if (check.kind === "pool") return "pools";
  return FAILURES.find((failure) => failure === check.check.service);
}

/** Checks, those of the most severe failures first; daemons that the list does not name come last. */
export function bySeverity(checks: readonly WatchCheck[]): WatchCheck[] {
  return [...checks].sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOf(check: WatchCheck): number {
  const failure = failureOf(check);
  return failure === undefined ? FAILURES.length : FAILURES.indexOf(failure);
}
