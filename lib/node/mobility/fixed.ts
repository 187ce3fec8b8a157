import type { Mobility } from "./mobility.js";

/** The mobility of a node that has only its own addresses. */
export const FIXED: Mobility = { daemons: [], peers: [], manifest: () => ({ kind: "fixed" }) };
