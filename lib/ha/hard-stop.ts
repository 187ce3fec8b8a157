import { duration } from "../terraform/fields.js";

/** The schema of how long a replaced process of HAProxy keeps its connections. */
export const HARD_STOP = duration("10s", "1d");
