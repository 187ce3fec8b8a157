import { type Duration, toMilliseconds } from "../../lib/core/duration.js";
import type { Alert } from "./mixin.js";

/** The times by which Prometheus works. */
export interface Times {
  readonly scrape: Duration;
  readonly evaluation: Duration;
}

/** Those that the mixin and `MonitoringFiles` have unless they are told otherwise. */
export const DEFAULT_TIMES: Times = { scrape: "15s", evaluation: "15s" };

/**
 * The seconds within which an alert fires, from when what it asks for shows in the metrics: a scrape finds it, an evaluation begins
 * the wait, and one after the wait fires.
 */
export function promiseOf(alert: Pick<Alert, "for">, { scrape, evaluation }: Times): number {
  const wait = toMilliseconds(alert.for as Duration);
  return (toMilliseconds(scrape) + 2 * toMilliseconds(evaluation) + wait) / 1_000;
}
