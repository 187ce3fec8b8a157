import { wholeSeconds } from "../terraform/fields.js";

/** The schema of how old a client's connection may become. */
export const CONNECTION_AGE = wholeSeconds("10s", "1d");
