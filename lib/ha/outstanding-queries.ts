import { DEFAULT_OUTSTANDING_QUERIES } from "../model/load-balancer.js";
import { integer } from "../terraform/fields.js";
import { withDefault } from "../terraform/schema.js";

/** The schema of the UDP queries without an answer to one server; more would need more ids than UDP messages have. */
export const OUTSTANDING_QUERIES = withDefault(integer(100, 65_535), DEFAULT_OUTSTANDING_QUERIES);
