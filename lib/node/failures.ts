import type { WatchCheck } from "../model/manifest.js";

/**
 * The failures of a node, the most severe first. Virtual addresses prefer the node with the less severe failure: VRRP
 * expresses that in priorities.
 *
 * `drain`: an operator drains the node. `dnsdist`, `haproxy`: the daemon does not answer. `interfaces`: an interface of
 * a virtual address is down. `pools`: a pool has no live server on this node and has one on a peer, on which more
 * pools live. `watch`: the service that runs the checks is down.
 */
export const FAILURES = ["drain", "dnsdist", "haproxy", "interfaces", "pools", "watch"] as const;
/** One of the failures of a node. */
export type Failure = (typeof FAILURES)[number];

/** The failure that a check detects; undefined for a daemon that is not in the list. */
export function failureOf(check: WatchCheck): Failure | undefined {
  if (check.kind === "pool") return "pools";
  return FAILURES.find((failure) => failure === check.check.service);
}

/** The failures of a node that announces its addresses, the least severe first; one that is drained does not announce them. */
const ANNOUNCED_FAILURES: readonly Failure[] = FAILURES.filter(
  (failure) => failure !== "drain" && failure !== "interfaces",
).toReversed();

/** The highest cost. */
export const WORST_COST = ANNOUNCED_FAILURES.length;

/**
 * What a failure costs a node that announces its addresses by BGP, from 1: of several the highest counts, where the weights
 * of VRRP add up. A failure that is not in the list costs as little as the least severe.
 */
export function costOf(failure: Failure | undefined): number {
  return failure === undefined ? 1 : Math.max(1, ANNOUNCED_FAILURES.indexOf(failure) + 1);
}

/** Sorts checks, the most severe failure first; daemons that are not in the list come last. */
export function bySeverity(checks: readonly WatchCheck[]): WatchCheck[] {
  return [...checks].sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOf(check: WatchCheck): number {
  const failure = failureOf(check);
  return failure === undefined ? FAILURES.length : FAILURES.indexOf(failure);
}
