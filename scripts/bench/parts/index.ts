import { dot } from "./dot.js";
import { footprint } from "./footprint.js";
import { growth } from "./growth.js";
import { latency } from "./latency.js";
import type { Part } from "./part.js";
import { quick } from "./quick.js";
import { sourceHash } from "./source-hash.js";
import { synthesis } from "./synthesis.js";
import { tcp } from "./tcp.js";
import { udp } from "./udp.js";

/** All parts of the bench, in the order in which they run. */
export const PARTS: readonly Part[] = [udp, tcp, dot, latency, synthesis, footprint, sourceHash, ...growth];

/** What `--quick` runs instead. */
export const QUICK: readonly Part[] = [quick];
