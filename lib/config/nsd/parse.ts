import { parseClauses } from "../clause-file/parse.js";
import { NSD_DIALECT, type NsdFile } from "./model.js";

/** Reads nsd.conf back into its model, one clause or attribute a line, comments dropped. */
export function parseNsd(text: string): NsdFile {
  return { clauses: parseClauses(text, NSD_DIALECT) };
}
