import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { markedExtra } from "../extra.js";
import { type Refusal, shown } from "../words.js";
import {
  grammarOf,
  isKeepalivedBlock,
  KEEPALIVED_GRAMMAR,
  type KeepalivedBlock,
  type KeepalivedFile,
  type KeepalivedGrammar,
  type KeepalivedLine,
  refuseBlock,
  refuseLine,
} from "./model.js";

/**
 * Prints keepalived.conf: blocks in the given order, a blank line between two at the top level, entries indented by two
 * spaces, words in double quotes where keepalived would otherwise split them. Throws all problems at once.
 *
 * keepalived splits the command of a script into arguments; an argument with spaces needs single quotes:
 * `["script", "/usr/lib/check 'a b'"]`.
 *
 * @see https://www.keepalived.org/manpage.html
 */
export function printKeepalived(file: KeepalivedFile): string {
  const problems = file.blocks.flatMap((block, at) => problemsOf(block, KEEPALIVED_GRAMMAR, `blocks[${at}]`));
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return file.blocks.map((block) => `${printBlock(block, "").join("\n")}\n`).join("\n");
}

/** Prints one line as it stands in the file, without indentation: `virtual_router_id 53`. */
export function printKeepalivedLine(line: KeepalivedLine): string {
  return line.map(quote).join(" ");
}

function problemsOf(block: KeepalivedBlock, within: KeepalivedGrammar, property: string, depth = 1): Problem[] {
  const header = refuseBlock(block, within);
  const grammar = grammarOf(block.keyword, within);
  if (header || !grammar) return header ? [{ ...header, property }] : [];
  const entries = block.entries.flatMap((entry, at) => {
    const place = `${property}.entries[${at}]`;
    return isKeepalivedBlock(entry)
      ? problemsOf(entry, grammar, place, depth + 1)
      : problemsOfLine(entry, grammar, place, depth);
  });
  const extra = (block.extra ?? []).flatMap((line, at) =>
    problemsOfLine(line, grammar, `${property}.extra[${at}]`, depth),
  );
  return [...entries, ...extra];
}

function problemsOfLine(line: KeepalivedLine, grammar: KeepalivedGrammar, place: string, depth: number): Problem[] {
  const words = refuseLine(line, grammar).map(({ word, ...refusal }) => ({
    ...refusal,
    property: `${place}[${word}]`,
  }));
  const tooLong = words.length === 0 ? refuseLength(line, depth) : undefined;
  return tooLong ? [{ ...tooLong, property: place }] : words;
}

/** keepalived's line buffer has 1024 bytes. Of a longer line, 2.2 reads the rest as the next line; 2.3 drops it all. */
const MOST_BYTES = 1022;

/** Refuses a line that is too long in a block at a depth. */
export function refuseLength(line: KeepalivedLine, depth: number): Refusal | undefined {
  const text = indent(depth) + printKeepalivedLine(line);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_BYTES) return undefined;
  return { code: "DNSLB806", message: `must be at most ${MOST_BYTES} bytes on a line, got ${bytes} in ${shown(text)}` };
}

function printBlock(block: KeepalivedBlock, margin: string): string[] {
  const header = block.name === undefined ? block.keyword : `${block.keyword} ${block.name}`;
  const inner = margin + indent(1);
  return [
    `${margin}${header} {`,
    ...block.entries.flatMap((entry) =>
      isKeepalivedBlock(entry) ? printBlock(entry, inner) : [`${inner}${printKeepalivedLine(entry)}`],
    ),
    ...markedExtra((block.extra ?? []).map(printKeepalivedLine), "#").map((line) => `${inner}${line}`),
    `${margin}}`,
  ];
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}

/** Words that need no quotes. `include` at the start of a line would read another file. */
const BARE = /^(?!include)[A-Za-z0-9_./:+*-][A-Za-z0-9_./:+*@%=,-]*$/;

function quote(word: string): string {
  return BARE.test(word) ? word : `"${word}"`;
}
