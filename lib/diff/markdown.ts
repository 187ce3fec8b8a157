import { visible } from "../review/markup.js";

/*
 * Markdown for a comment. What users give stands in spans of code alone, in which nothing is a link, a mention or HTML.
 */

/** A text as a span of code, on one line, also in a table. */
export function code(text: string): string {
  const line = visible(text).replace(/\s+/g, " ").replace(/\|/g, "¦").trim();
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

/** A list, or nothing. */
export function bullets(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`**${title}**`, "", ...lines.map((line) => `- ${line}`), ""];
}
