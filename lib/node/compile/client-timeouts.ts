import type { Directive } from "../../config/haproxy/model.js";
import type { Listener } from "../../model/listener.js";

/** How long HAProxy bears a client of a listener that does nothing, and one that does not close what is closed. */
export function haproxyClientTimeouts({ idleTimeout, closeTimeout }: Listener): Directive[] {
  return [
    ["timeout", "client", idleTimeout],
    ...(closeTimeout === undefined ? [] : [["timeout", "client-fin", closeTimeout] as const]),
  ];
}
