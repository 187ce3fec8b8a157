import { type Duration, toMilliseconds } from "../../../lib/core/duration.js";
import type { Times } from "../promises.js";

/** The times of the drill, and what of the mixin's config is shortened for it. */
export const TIMES: Times = { scrape: "1s", evaluation: "1s" };

/** No alert waits longer in the drill. Less than the agent takes to collect would tell moves as outages. */
export const LONGEST_WAIT: Duration = "10s";

/** Seconds that the agent may take until it has collected what has happened: its pause, and what it costs on a busy machine. */
export const COLLECTION = 12;

/** The window of rates. */
export const RATE_WINDOW = "15s";

/** While it is unknown whether a restart is due, what was known holds for so long. */
export const RESTART_WINDOW = "20s";

/** The part of a listener's connections at which it is near its share: one that two hundred connections reach. */
export const CONNECTION_SHARE = 0.05;

/** Evaluates to the mixin with its config for the drill. */
export function mixinSource(waits: ReadonlyMap<string, string>): string {
  const shortened = Object.fromEntries([...waits].map(([name, wait]) => [name, shorter(wait)]));
  const config = {
    evaluationInterval: TIMES.evaluation,
    rateWindow: RATE_WINDOW,
    restartWindow: RESTART_WINDOW,
    connectionShare: CONNECTION_SHARE,
  };
  return [
    `local m = (import 'mixin.libsonnet') + { _config+:: ${JSON.stringify(config)} + { waits+: ${JSON.stringify(shortened)} } };`,
    "[m.prometheusAlerts, m.prometheusRules]",
  ].join(" ");
}

/** The wait of an alert in the drill. */
export function shorter(wait: string): string {
  return toMilliseconds(wait as "1s") > toMilliseconds(LONGEST_WAIT) ? LONGEST_WAIT : wait;
}
