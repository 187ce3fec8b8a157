import { parseClauses } from "../clause-file/parse.js";
import { UNBOUND_DIALECT, type UnboundFile } from "./model.js";

/** Reads unbound.conf back into its model, one clause or attribute a line, comments dropped. */
export function parseUnbound(text: string): UnboundFile {
  return { clauses: parseClauses(text, UNBOUND_DIALECT) };
}
