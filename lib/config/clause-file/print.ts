import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { refuseKeyword } from "../words.js";
import { type Attribute, type Clause, type ClauseDialect, quotesFor, refuseAttribute } from "./model.js";

/**
 * Prints a file of clauses: in the given order, a blank line between two, attributes indented by two spaces. Throws all
 * problems at once.
 */
export function printClauses<Kind extends string>(
  clauses: readonly Clause<Kind>[],
  dialect: ClauseDialect<Kind>,
): string {
  const problems = clauses.flatMap((clause, at) => problemsOf(clause, dialect, `clauses[${at}]`));
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return clauses
    .map((clause) =>
      [
        `${clause.kind}:`,
        ...clause.attributes.map((line) => `  ${printAttribute(clause.kind, line, dialect)}`),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function problemsOf<Kind extends string>(
  clause: Clause<Kind>,
  dialect: ClauseDialect<Kind>,
  property: string,
): Problem[] {
  const unknown = refuseKeyword(clause.kind, dialect.file, Object.keys(dialect.clauses));
  if (unknown) return [{ ...unknown, property: `${property}.kind` }];
  return clause.attributes.flatMap((line, at) =>
    refuseAttribute(clause.kind, line, dialect).map(({ word, ...refusal }) => ({
      ...refusal,
      property: `${property}.attributes[${at}][${word}]`,
    })),
  );
}

function printAttribute<Kind extends string>(
  kind: Kind,
  [attribute, ...values]: Attribute,
  dialect: ClauseDialect<Kind>,
): string {
  const styles = dialect.clauses[kind][attribute]?.values ?? [];
  const words = values.map((value, at) => {
    if (at === 0 && isKeyword(attribute, value, dialect)) return value;
    const quote = quotesFor(value, dialect) ?? "";
    return styles[at] === "word" && BARE.test(value) && !KEYWORD.test(value) ? value : `${quote}${value}${quote}`;
  });
  return [`${attribute}:`, ...words].join(" ");
}

/** Words that both lexers read without quotes. A final colon is excluded: it would make the word a keyword. */
const BARE = /^[A-Za-z0-9_./:*+-](?:[A-Za-z0-9_./:*+@#%=,-]*[A-Za-z0-9_./*+@#%=,-])?$/;

/** Words that NSD's lexer reads as keywords anywhere. */
const KEYWORD = /^(?:AXFR|UDP|:|(?:servers|bindtodevice|setfib)=.*)$/;

function isKeyword(attribute: string, value: string, { bareKeywords }: Pick<ClauseDialect<string>, "bareKeywords">) {
  return bareKeywords?.attribute === attribute && bareKeywords.values.includes(value);
}
