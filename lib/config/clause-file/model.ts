import { type Refusal, refuseCharacters, refuseKeyword } from "../words.js";

/**
 * One line of a clause: `["access-control", "10.0.0.0/8", "allow"]`. Values are unquoted; the printer quotes them.
 */
export type Attribute = readonly [attribute: string, ...values: string[]];

/** One clause: `server:` and the attributes below it. */
export interface Clause<Kind extends string = string> {
  readonly kind: Kind;
  /** In order: of repeated attributes, some daemons use all, others the last. */
  readonly attributes: readonly Attribute[];
}

/** How a value is written: a word without quotes where possible, a string always with quotes. */
export type ValueStyle = "word" | "string";

/** The values that an attribute takes. */
export interface AttributeGrammar {
  readonly values: readonly ValueStyle[];
  /** How many of the last values may be left out. */
  readonly optional: number;
}

/** The differences between the files of NSD and unbound: their attributes, and the quotes of their lexers. */
export interface ClauseDialect<Kind extends string> {
  /** The file's usual name, for messages. */
  readonly file: string;
  /** In order of preference. */
  readonly quotes: readonly ('"' | "'")[];
  readonly clauses: Readonly<Record<Kind, Readonly<Record<string, AttributeGrammar>>>>;
  /**
   * Values that must not be quoted, because they are keywords of the lexer.
   *
   * @default - every value may be quoted
   */
  readonly bareKeywords?: { readonly attribute: string; readonly values: readonly string[] };
}

/** Builds a table of attributes that take the same values. */
export function attributes(
  names: string,
  values: readonly ValueStyle[] = ["word"],
  optional = 0,
): Record<string, AttributeGrammar> {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, { values, optional }]),
  );
}

/** Text that fits between quotes. The lexers keep backslashes, but a quote after a backslash does not close. */
const QUOTABLE = {
  '"': /^(?:[^"\\]|\\.)*$/u,
  "'": /^(?:[^'\\]|\\.)*$/u,
} as const;

/** The first quotes of a dialect that can hold a value; undefined if none can. */
export function quotesFor(value: string, dialect: Pick<ClauseDialect<string>, "quotes">): '"' | "'" | undefined {
  return dialect.quotes.find((quote) => QUOTABLE[quote].test(value));
}

/**
 * Refuses an attribute that its clause does not know, too few or too many values, and values that cannot be written.
 */
export function refuseAttribute<Kind extends string>(
  kind: Kind,
  [attribute, ...values]: Attribute,
  dialect: ClauseDialect<Kind>,
): (Refusal & { readonly word: number })[] {
  const known = dialect.clauses[kind];
  const unknown = refuseKeyword(attribute, `a clause '${kind}:' of ${dialect.file}`, Object.keys(known));
  const grammar = known[attribute];
  if (unknown || !grammar) return unknown ? [{ ...unknown, word: 0 }] : [];
  const count = refuseCount(attribute, values.length, grammar);
  if (count) return [{ ...count, word: 0 }];
  return values.flatMap((value, at) => {
    const refusal = refuseValue(value, dialect);
    return refusal ? [{ ...refusal, word: at + 1 }] : [];
  });
}

function refuseCount(attribute: string, count: number, { values, optional }: AttributeGrammar): Refusal | undefined {
  const most = values.length;
  const least = most - optional;
  if (count >= least && count <= most) return undefined;
  const range = least === most ? `${most}` : `${least} to ${most}`;
  const noun = most === 1 ? "value" : "values";
  return { code: "DNSLB806", message: `must give '${attribute}' ${range} ${noun}, got ${count}` };
}

function refuseValue(value: string, dialect: Pick<ClauseDialect<string>, "quotes" | "file">): Refusal | undefined {
  const characters = refuseCharacters(value);
  if (characters || quotesFor(value, dialect) !== undefined) return characters;
  const quotes = dialect.quotes.join(" or ");
  return { code: "DNSLB803", message: `must fit between ${quotes}, as ${dialect.file} has no escapes` };
}
