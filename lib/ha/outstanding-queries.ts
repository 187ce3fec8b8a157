import { OUTSTANDING_QUERIES_RANGE } from "../model/load-balancer.js";
import { integer } from "../terraform/fields.js";

/** The schema of the UDP queries without an answer to one server. */
export const OUTSTANDING_QUERIES = integer(OUTSTANDING_QUERIES_RANGE.fewest, OUTSTANDING_QUERIES_RANGE.most);
