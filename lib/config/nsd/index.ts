export type { NsdAttribute, NsdClause, NsdClauseKind, NsdFile } from "./model.js";
export { parseNsd } from "./parse.js";
export { printNsd } from "./print.js";
