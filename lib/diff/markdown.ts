import { visible } from "../review/markup.js";
import { shortened } from "../review/text-width.js";

/*
 * Markdown for a comment. What users give stands in spans of code alone, in which nothing is a link, a mention or HTML.
 */

/** The longest text in a span, in characters. */
const LONGEST = 200;
/** The lines of a list that are shown. */
const MOST_LINES = 30;
/** The characters of a whole comment: GitHub takes 65,536, and others may take less. */
const MOST_CHARACTERS = 60_000;

/** A text as a span of code, on one line, also in a table; the middle of a long one is left out. */
export function code(text: string): string {
  const line = shortened(visible(text).replace(/\s+/g, " ").replace(/\|/g, "¦").trim(), LONGEST);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line === "" || line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Texts as spans of code, with commas; of many, the first. */
export function codes(texts: readonly string[], most = 12): string {
  const shown = texts.slice(0, most).map(code).join(", ");
  return texts.length > most ? `${shown} and ${texts.length - most} more` : shown;
}

/** A list, or nothing; of a long one, the beginning. */
export function bullets(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > MOST_LINES ? [`- and ${lines.length - MOST_LINES} more`] : [];
  return [`**${title}**`, "", ...lines.slice(0, MOST_LINES).map((line) => `- ${line}`), ...more, ""];
}

/** Lines as a comment; of a long one, the beginning. */
export function comment(lines: readonly string[]): string {
  let length = 0;
  const beyond = lines.findIndex((line) => {
    length += line.length + 1;
    return length > MOST_CHARACTERS;
  });
  const shown =
    beyond < 0 ? lines : [...lines.slice(0, beyond), "", `${lines.length - beyond} more lines are left out.`];
  return `${shown.join("\n").trimEnd()}\n`;
}
