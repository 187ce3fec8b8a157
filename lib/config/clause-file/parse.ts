import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type Refusal, refuseKeyword } from "../words.js";
import { type Attribute, type Clause, type ClauseDialect, refuseAttribute } from "./model.js";

/**
 * Reads a file of clauses, one clause or attribute a line, comments dropped. Throws all problems at once, each with its
 * line.
 */
export function parseClauses<Kind extends string>(text: string, dialect: ClauseDialect<Kind>): Clause<Kind>[] {
  const problems: Problem[] = [];
  const clauses: { kind: Kind; attributes: Attribute[] }[] = [];
  text.split("\n").forEach((line, at) => {
    for (const { code, message } of readLine(line, clauses, dialect)) {
      problems.push({ code, message, property: `line ${at + 1}` });
    }
  });
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return clauses;
}

function readLine<Kind extends string>(
  line: string,
  clauses: { kind: Kind; attributes: Attribute[] }[],
  dialect: ClauseDialect<Kind>,
): readonly Refusal[] {
  const words = splitWords(line, dialect);
  if (!Array.isArray(words)) return [words];
  const [head, ...values] = words;
  if (head === undefined) return [];
  const keyword = /^([a-z0-9-]+):$/.exec(head)?.[1];
  if (keyword === undefined) return [unreadable("must start with a keyword and a colon")];
  const clause = clauses.at(-1);
  if (values.length > 0) {
    if (!clause) return [unreadable("must stand in a clause")];
    clause.attributes.push([keyword, ...values]);
    return refuseAttribute(clause.kind, [keyword, ...values], dialect);
  }
  const unknown = refuseKeyword(keyword, dialect.file, Object.keys(dialect.clauses));
  if (!unknown) clauses.push({ kind: keyword as Kind, attributes: [] });
  return unknown ? [unknown] : [];
}

/**
 * Splits a line into words as the lexers do: quotes group, backslashes stay, `#` at a word's start begins a comment.
 */
function splitWords(line: string, dialect: Pick<ClauseDialect<string>, "quotes">): string[] | Refusal {
  const words: string[] = [];
  const single = dialect.quotes.includes("'") ? String.raw`|'((?:[^'\\]|\\.)*)'` : "";
  const bare = dialect.quotes.includes("'") ? String.raw`[^'" \t\r\\]` : String.raw`[^" \t\r\\]`;
  const word = new RegExp(String.raw`^(?:"((?:[^"\\]|\\.)*)"${single}|((?:${bare}|\\.)+))[ \t\r]*`, "u");
  for (let rest = line.replace(/^[ \t]+/, ""); rest !== "" && !rest.startsWith("#"); ) {
    const [match, ...captured] = word.exec(rest) ?? [];
    if (match === undefined) return unreadable("must close its quotes and end no word in a backslash");
    words.push(captured.find((text) => text !== undefined) ?? "");
    rest = rest.slice(match.length);
  }
  return words;
}

function unreadable(message: string): Refusal {
  return { code: "DNSLB805", message };
}
