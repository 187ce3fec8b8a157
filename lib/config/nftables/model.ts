import { type Refusal, refuseCharacters, shown } from "../words.js";

/** One rule as words: `["ip", "ttl", "!=", "255", "drop"]`. */
export type NftablesRule = readonly [first: string, ...rest: string[]];

/** A table of the family `inet` with one chain, which sees the packets that are delivered to the host itself. */
export interface NftablesTable {
  /** Letters, digits, `-` and `_`, starting with a letter: no other program's table may have it. */
  readonly name: string;
  readonly chain: string;
  /** The lower, the earlier among the chains of all tables. */
  readonly priority: number;
  /** A packet that no rule drops passes. */
  readonly rules: readonly NftablesRule[];
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,127}$/;
/** No character that ends a rule, starts a comment or quotes; a brace stands alone. */
const WORD = /^(?:[A-Za-z0-9_.:/=!,-]+|[{}])$/;

/** Refuses what cannot be the name of a table or a chain. */
export function refuseName(name: string): Refusal | undefined {
  if (NAME.test(name)) return undefined;
  return {
    code: "DNSLB804",
    message: `must be a name of letters, digits, '-' and '_' that starts with a letter, got ${shown(name)}`,
  };
}

/** Refuses a word that nft would read as something else. */
export function refuseWord(word: string): Refusal | undefined {
  const unprintable = refuseCharacters(word);
  if (unprintable !== undefined || WORD.test(word)) return unprintable;
  return { code: "DNSLB803", message: `is no word of a rule: ${shown(word)}` };
}
