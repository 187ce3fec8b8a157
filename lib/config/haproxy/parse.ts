import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type Refusal, refuseKeyword, shown } from "../words.js";
import {
  type Directive,
  HAPROXY_SECTION_KINDS,
  type HaproxyFile,
  type HaproxySection,
  refuseDirective,
  refuseSection,
} from "./model.js";

/**
 * Reads haproxy.cfg back into its model, comments dropped. Throws all problems at once, each with its line. Quotes and
 * escapes are read as HAProxy reads them. What the model cannot express is refused: environment variables, `.if` and
 * similar, section types and keywords that are not on the closed lists.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#2.2
 */
export function parseHaproxy(text: string): HaproxyFile {
  const problems: Problem[] = [];
  const sections: HaproxySection[] = [];
  let directives: Directive[] | undefined;
  text.split("\n").forEach((line, at) => {
    const report = (refusal: Refusal) =>
      problems.push({ code: refusal.code, message: refusal.message, property: `line ${at + 1}` });
    const words = splitWords(line);
    if (!Array.isArray(words)) {
      report(words);
    } else if (isSectionKind(words[0])) {
      directives = [];
      const [kind, name, ...rest] = words as [HaproxySection["kind"], ...string[]];
      const refusal = rest.length > 0 ? tooLongHeader(kind, rest) : refuseSection(kind, name);
      if (refusal) report(refusal);
      sections.push(name === undefined ? { kind, directives } : { kind, name, directives });
    } else if (words.length > 0) {
      const refusals = refuseDirective(words);
      if (refusals.length === 0 && !directives) refusals.push({ ...outsideSection(words[0]), word: 0 });
      refusals.forEach(report);
      if (refusals.length === 0) directives?.push(words as unknown as Directive);
    }
  });
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return { sections };
}

function isSectionKind(word: string | undefined): boolean {
  return word !== undefined && !refuseKeyword(word, "", HAPROXY_SECTION_KINDS);
}

function outsideSection(word: string | undefined): Refusal {
  return unreadable(`must stand in a section, got ${shown(word ?? "")} before the first`);
}

function tooLongHeader(kind: string, rest: readonly string[]): Refusal {
  return unreadable(`must have nothing after the name of '${kind}', got ${shown(rest.join(" "))}`);
}

function unreadable(message: string): Refusal {
  return { code: "DNSLB805", message };
}

/** Splits a line into words as `parse_line()` of HAProxy's src/tools.c does. */
function splitWords(line: string): string[] | Refusal {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === quote) {
      quote = undefined;
    } else if (quote === "'") {
      word = `${word ?? ""}${character}`;
    } else if (character === "\\") {
      const escaped = decodeEscape(line.slice(at), quote === '"');
      if ("code" in escaped) return escaped;
      word = `${word ?? ""}${escaped.text}`;
      at += escaped.length - 1;
    } else if (quote === undefined && /["']/.test(character)) {
      quote = character;
      word ??= "";
    } else if (quote === undefined && /[ \t\v\f\r]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && character === "#") {
      break;
    } else if (quote !== undefined && character === "$") {
      return unreadable(`must not depend on the environment, got a $ in double quotes, write \\$ for a dollar`);
    } else {
      word = `${word ?? ""}${character}`;
    }
  }
  if (quote !== undefined) return unreadable(`must close its quote ${quote}`);
  return word === undefined ? words : [...words, word];
}

const CONTROL: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Decodes the escape at the start of a text. A backslash before a character that needs no escape is literal. */
function decodeEscape(text: string, weaklyQuoted: boolean): { text: string; length: number } | Refusal {
  const next = text.charAt(1);
  if (next === "x") {
    const hex = /^\\x([0-7][0-9A-Fa-f])/.exec(text)?.[1];
    if (hex === undefined) return unreadable(`must be \\x and two digits up to 7f, got ${shown(text.slice(0, 4))}`);
    return { text: String.fromCharCode(Number.parseInt(hex, 16)), length: 4 };
  }
  if (/[ \\#'"]/.test(next) || (next === "$" && weaklyQuoted)) return { text: next, length: 2 };
  const control = CONTROL[next];
  return control === undefined ? { text: "\\", length: 1 } : { text: control, length: 2 };
}
