import { integer } from "../terraform/fields.js";

/** The schema of the UDP queries without an answer to one server, of which each needs an id of its own. */
export const OUTSTANDING_QUERIES = integer(100, 65_535);
