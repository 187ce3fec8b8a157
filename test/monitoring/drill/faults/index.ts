import type { Fault } from "../fault.js";
import { addresses } from "./addresses.js";
import { certificates } from "./certificates.js";
import { changes } from "./changes.js";
import { limits } from "./limits.js";
import { nodes } from "./nodes.js";
import { pools } from "./pools.js";

export { routers as FAULTS_OF_A_GROUP } from "./routers.js";

/** What is made on a pair, in the order in which it is made. */
export const FAULTS_OF_A_PAIR: readonly Fault[] = [
  ...pools,
  ...addresses,
  ...limits,
  ...changes,
  ...certificates,
  ...nodes,
];
