import { printClauses } from "../clause-file/print.js";
import { UNBOUND_DIALECT, type UnboundFile } from "./model.js";

/**
 * Prints unbound.conf: clauses in the given order, a blank line between two, attributes indented by two spaces. Values
 * stand in double quotes, in single ones where they hold double ones, and are refused where they fit in neither.
 */
export function printUnbound(file: UnboundFile): string {
  return printClauses(file.clauses, UNBOUND_DIALECT);
}
