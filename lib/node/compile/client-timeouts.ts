import type { Directive } from "../../config/haproxy/model.js";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import type { Frontend } from "../../model/frontend.js";
import type { Listener } from "../../model/listener.js";

/** How long HAProxy bears a client of a listener that does nothing, and one that does not close what is closed. */
export function haproxyClientTimeouts({ idleTimeout, closeTimeout }: Listener): Directive[] {
  return [
    ["timeout", "client", idleTimeout],
    ...(closeTimeout === undefined ? [] : [["timeout", "client-fin", closeTimeout] as const]),
  ];
}

/** The longest time that a listener of some frontends lets clients be idle, or another time if that is longer. */
export function longestIdleTimeout(frontends: readonly Frontend[], least: Duration): Duration {
  const timeouts = frontends.flatMap(({ listeners }) => listeners.map(({ idleTimeout }) => idleTimeout));
  return timeouts.reduce((a, b) => (toMilliseconds(b) > toMilliseconds(a) ? b : a), least);
}
