import { printClauses } from "../clause-file/print.js";
import { NSD_DIALECT, type NsdFile } from "./model.js";

/**
 * Prints nsd.conf: clauses in the given order, a blank line between two, attributes indented by two spaces. NSD has
 * double quotes only and no escapes: a double quote in a value is refused unless a backslash precedes it (NSD keeps
 * the backslash).
 */
export function printNsd(file: NsdFile): string {
  return printClauses(file.clauses, NSD_DIALECT);
}
