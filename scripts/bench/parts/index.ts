import { dot } from "./dot.js";
import { latency } from "./latency.js";
import type { Part } from "./part.js";
import { quick } from "./quick.js";
import { tcp } from "./tcp.js";
import { udp } from "./udp.js";

/** All parts of the bench, in the order in which they run. */
export const PARTS: readonly Part[] = [udp, tcp, dot, latency];

/** What `--quick` runs instead. */
export const QUICK: readonly Part[] = [quick];
