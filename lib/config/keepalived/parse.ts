import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type Refusal, shown } from "../words.js";
import {
  grammarOf,
  KEEPALIVED_GRAMMAR,
  type KeepalivedBlock,
  type KeepalivedEntry,
  type KeepalivedFile,
  type KeepalivedGrammar,
  type KeepalivedLine,
  refuseBlock,
  refuseLine,
} from "./model.js";

/**
 * Reads keepalived.conf back into its model, comments dropped. Throws all problems at once, each with its line. What
 * the model cannot express is refused: parameters (`$NAME`), `@host` conditions, `~SEQ`, includes, backslashes, and
 * keywords that are not allowed in their block.
 */
export function parseKeepalived(text: string): KeepalivedFile {
  const reader = new Reader(text);
  const entries = reader.entries(KEEPALIVED_GRAMMAR);
  if (reader.problems.length > 0) throw new UnscopedValidationError(reader.problems);
  return { blocks: entries as KeepalivedBlock[] };
}

type Token = { readonly line: number } & (
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "open" | "close" | "end-of-line" }
);

class Reader {
  readonly problems: Problem[] = [];
  readonly #tokens: Token[] = [];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    text.split("\n").forEach((line, at) => {
      const tokens = splitTokens(line, at + 1);
      if (Array.isArray(tokens)) this.#tokens.push(...tokens);
      else this.#report(tokens, at + 1);
    });
  }

  /** Reads up to the brace that closes the block, or to the end at the top. */
  entries(within: KeepalivedGrammar): KeepalivedEntry[] {
    const entries: KeepalivedEntry[] = [];
    let words: string[] = [];
    let line = 0;
    const finishLine = () => {
      const refusals = words.length > 0 ? refuseLine(words, within) : [];
      for (const refusal of refusals) this.#report(refusal, line);
      if (words.length > 0) entries.push(words as unknown as KeepalivedLine);
      words = [];
    };
    for (let token = this.#take(); token !== undefined; token = this.#take()) {
      if (token.kind === "word") {
        if (words.length === 0) line = token.line;
        words.push(token.text);
      } else if (token.kind === "open") {
        entries.push(this.#block(words, within, token.line));
        words = [];
      } else if (token.kind === "end-of-line") {
        if (!this.#opensNext()) finishLine();
      } else if (this.#depth === 0) {
        this.#report({ code: "DNSLB805", message: "closes a block that was never opened" }, token.line);
      } else {
        finishLine();
        return entries;
      }
    }
    finishLine();
    if (this.#depth > 0) this.#report({ code: "DNSLB805", message: "ends inside a block" }, this.#lastLine());
    return entries;
  }

  #block(words: readonly string[], within: KeepalivedGrammar, line: number): KeepalivedBlock {
    const [keyword = "", name, ...rest] = words;
    const refusal: Refusal | undefined =
      rest.length > 0
        ? { code: "DNSLB804", message: `must be named by one word, got ${shown([name, ...rest].join(" "))}` }
        : refuseBlock({ keyword, name }, within);
    if (refusal) this.#report(refusal, line);
    this.#depth++;
    const entries = this.entries(grammarOf(keyword, within) ?? { named: false, lines: "data", blocks: {} });
    this.#depth--;
    const block = { keyword: keyword as KeepalivedBlock["keyword"], entries };
    return name === undefined ? block : { ...block, name };
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  /** keepalived allows the brace on the line after its keyword. */
  #opensNext(): boolean {
    return this.#tokens[this.#next]?.kind === "open";
  }

  #lastLine(): number {
    return this.#tokens.at(-1)?.line ?? 1;
  }

  #report(refusal: Refusal, line: number): void {
    this.problems.push({ code: refusal.code, message: refusal.message, property: `line ${line}` });
  }
}

/** Splits a line as keepalived does: a quote starts and ends a word anywhere, and a bare brace is a word. */
function splitTokens(line: string, number: number): Token[] | Refusal {
  const tokens: Token[] = [];
  let rest = line.replace(/^[ \t\r\f\v]+|[ \t\r\f\v]+$/g, "");
  if (/^[@~]/.test(rest)) return unreadable(`must not start with ${rest.charAt(0)}`, line);
  if (/^include[rmwba]?\s/.test(rest)) return unreadable("must not include another file", line);
  while (rest !== "" && !/^[!#]/.test(rest)) {
    const [match, quoted, bare, brace] = /^(?:"([^"]*)"|([^ \t\r\f\v"{}!#]+)|([{}]))[ \t\r\f\v]*/.exec(rest) ?? [];
    if (match === undefined) return unreadable("must close its quote", line);
    const text = quoted ?? bare;
    if (text !== undefined && /[\\$]/.test(text)) return unreadable("must hold no backslash and no $", line);
    if (text !== undefined) tokens.push({ kind: "word", text, line: number });
    else tokens.push({ kind: brace === "{" ? "open" : "close", line: number });
    rest = rest.slice(match.length);
  }
  return tokens.length > 0 ? [...tokens, { kind: "end-of-line", line: number }] : tokens;
}

function unreadable(what: string, line: string): Refusal {
  return { code: "DNSLB805", message: `${what}, got ${shown(line.trim())}` };
}
