import type { Mobility } from "./mobility.js";

/** Nothing brings addresses to the node. */
export const FIXED: Mobility = { daemons: [], peers: [], manifest: () => ({ kind: "fixed" }) };
