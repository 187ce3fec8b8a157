import { printClauses } from "../clause-file/print.js";
import { UNBOUND_DIALECT, type UnboundFile } from "./model.js";

/**
 * Prints unbound.conf: clauses in the given order, a blank line between two, attributes indented by two spaces. Values
 * are in double quotes, or in single quotes if they hold double quotes; a value that fits neither is refused.
 */
export function printUnbound(file: UnboundFile): string {
  return printClauses(file.clauses, UNBOUND_DIALECT);
}
