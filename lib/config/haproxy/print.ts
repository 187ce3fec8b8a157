import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { markedExtra } from "../extra.js";
import { type Directive, type HaproxyFile, type HaproxySection, refuseDirective, refuseSection } from "./model.js";

/**
 * Prints haproxy.cfg: sections in the given order, a blank line between two, directives indented by two spaces, words
 * quoted where HAProxy's parser would otherwise split, drop or change them. Throws all problems at once.
 *
 * Only the first level of quoting is done. A keyword can interpret its words further: `if` starts a condition, and
 * `%[...]` is a sample expression in a log format, whose arguments have a second level of quoting.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#2.2
 */
export function printHaproxy(file: HaproxyFile): string {
  const problems = file.sections.flatMap((section, at) => problemsOf(section, `sections[${at}]`));
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return file.sections.map(printSection).join("\n");
}

/** Prints one directive as it stands in the file, without indentation: `balance leastconn`. */
export function printDirective(directive: Directive): string {
  return directive.map(quote).join(" ");
}

function problemsOf(section: HaproxySection, property: string): Problem[] {
  const header = refuseSection(section.kind, section.name);
  return [
    ...(header ? [{ ...header, property: `${property}.name` }] : []),
    ...(["directives", "extra"] as const).flatMap((list) =>
      (section[list] ?? []).flatMap((directive, at) =>
        refuseDirective(directive).map(({ word, ...refusal }) => ({
          ...refusal,
          property: `${property}.${list}[${at}][${word}]`,
        })),
      ),
    ),
  ];
}

function printSection(section: HaproxySection): string {
  const header = section.name === undefined ? section.kind : `${section.kind} ${section.name}`;
  const lines = [
    ...section.directives.map(printDirective),
    ...markedExtra((section.extra ?? []).map(printDirective), "#"),
  ];
  return [header, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** Words that need no quotes. `$` is allowed: HAProxy expands variables within double quotes only. */
const BARE = /^[!$-&(-[\]-~]+$/;

function quote(word: string): string {
  if (BARE.test(word)) return word;
  if (!/["\\$]/.test(word)) return `"${word}"`;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/["\\$]/g, "\\$&")}"`;
}
