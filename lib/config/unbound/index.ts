export type { UnboundAttribute, UnboundClause, UnboundClauseKind, UnboundFile } from "./model.js";
export { parseUnbound } from "./parse.js";
export { printUnbound } from "./print.js";
