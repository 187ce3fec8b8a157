import { UnscopedValidationError } from "../../core/errors.js";
import { familyOf } from "../../core/ip.js";
import { shown } from "../words.js";
import {
  BIRD_OPERATORS,
  type BirdCommunity,
  type BirdExpression,
  type BirdName,
  type BirdNumber,
} from "./expression.js";
import type { BirdToken } from "./tokens.js";

/** So deep may braces and parentheses be nested. */
const MOST_DEPTH = 60;

/** Reads the expressions of bird.conf, token by token. What cannot be read is thrown, with its line. */
export class ExpressionReader {
  position = 0;
  readonly #tokens: readonly BirdToken[];
  #depth = 0;

  constructor(tokens: readonly BirdToken[]) {
    this.#tokens = tokens;
  }

  /** Conditions joined by `&&` alone or by `||` alone: BIRD ranks the two the same, which nobody expects. */
  expression(): BirdExpression {
    return this.deeper(() => {
      const first = this.#comparison();
      const mark = this.peeks("&&") ? "&&" : "||";
      const parts = [first];
      while (this.skipped(mark)) parts.push(this.#comparison());
      if (this.peeks("&&") || this.peeks("||")) throw this.problem("must stand in parentheses beside the other kind");
      if (parts.length === 1) return first;
      return mark === "&&" ? { all: parts } : { any: parts };
    });
  }

  /** The line of the next token, or of the last one. */
  line(): number {
    return (this.#tokens[this.position] ?? this.#tokens.at(-1))?.line ?? 1;
  }

  atEnd(): boolean {
    return this.position >= this.#tokens.length;
  }

  isFirst(): boolean {
    return this.#tokens[this.position]?.first === true;
  }

  /** The next token for a message; without its text if it may be a password. */
  here(): string {
    const token = this.#tokens[this.position];
    if (token === undefined) return "the end of the file";
    return token.kind === "text" ? "a text in quotes" : shown(token.text);
  }

  /** Tells whether the next token is this word or mark. */
  peeks(text: string): boolean {
    const token = this.#tokens[this.position];
    return token !== undefined && token.kind !== "text" && token.text === text;
  }

  /** Takes the next token if it is this word or mark. */
  skipped(text: string): boolean {
    if (!this.peeks(text)) return false;
    this.position++;
    return true;
  }

  expect(text: string): void {
    if (!this.skipped(text)) throw this.problem(`must have ${shown(text)} here`);
  }

  /** Takes the next token if it is a text. */
  text(): string | undefined {
    const token = this.#tokens[this.position];
    if (token?.kind !== "text") return undefined;
    this.position++;
    return token.text;
  }

  /** Takes the next token, which must be a word. */
  word(what: string): string {
    const token = this.#tokens[this.position];
    if (token?.kind !== "word") throw this.problem(`must have ${what} here`);
    this.position++;
    return token.text;
  }

  /** The words that come next, without taking them. */
  words(): string[] {
    const words: string[] = [];
    for (let at = this.position; this.#tokens[at]?.kind === "word"; at++) words.push(this.#tokens[at]?.text ?? "");
    return words;
  }

  /** Tells whether a brace comes before the end of the statement, other than within a set. */
  opensBlock(): boolean {
    let sets = 0;
    for (let at = this.position; at < this.#tokens.length; at++) {
      const { kind, text } = this.#tokens[at] ?? { kind: "mark", text: ";" };
      if (kind !== "mark") continue;
      if (text === "[") sets++;
      else if (text === "]") sets--;
      else if (text === "{" && sets === 0) return true;
      else if (text === ";" || (text === "}" && sets === 0)) return false;
    }
    return false;
  }

  /** Goes on behind the statement that begins at a position, or at the brace that closes its block. */
  recover(start: number): void {
    this.position = start;
    for (let depth = 0; !this.atEnd(); this.position++) {
      if (this.peeks("{")) depth++;
      else if (this.peeks("}") && depth === 0) {
        // A brace that nothing opened, at the top: go on behind it.
        if (this.position === start) this.position++;
        return;
      } else if (this.peeks("}")) {
        depth--;
        if (depth > 0) continue;
        this.position++;
        return;
      } else if (this.peeks(";") && depth === 0) {
        this.position++;
        return;
      }
    }
  }

  /** Goes on behind the brace that closes a block, of which the first is taken. */
  skipBlock(): void {
    for (let depth = 1; depth > 0 && !this.atEnd(); this.position++) {
      if (this.peeks("{")) depth++;
      else if (this.peeks("}")) depth--;
    }
  }

  deeper<T>(read: () => T): T {
    if (this.#depth >= MOST_DEPTH) throw this.problem(`must be nested at most ${MOST_DEPTH} deep`);
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  problem(message: string): UnscopedValidationError {
    return new UnscopedValidationError([
      { code: "DNSLB805", message: `${message}, got ${this.here()}`, property: `line ${this.line()}` },
    ]);
  }

  #comparison(): BirdExpression {
    const left = this.#operand();
    const operator = BIRD_OPERATORS.find((each) => this.peeks(each));
    if (operator === undefined) return left;
    this.position++;
    return { left, operator, right: this.#operand() };
  }

  #operand(): BirdExpression {
    if (this.skipped("!")) return { not: this.deeper(() => this.#operand()) };
    if (this.peeks("[")) return this.#prefixSet();
    if (this.skipped("(")) return this.#parentheses();
    const text = this.text();
    if (text !== undefined) return { text };
    const word = this.word("a value");
    if (/^\d+$/.test(word)) return { number: Number(word) };
    if (word.includes("/")) return { prefix: word };
    return familyOf(word) === undefined ? { name: word } : { address: word };
  }

  /** A community, or another expression in parentheses. */
  #parentheses(): BirdExpression {
    const first = this.expression();
    if (!this.peeks(",")) {
      this.expect(")");
      return first;
    }
    const parts = [first];
    while (this.skipped(",")) parts.push(this.expression());
    this.expect(")");
    if (parts.every((part): part is BirdNumber | BirdName => "number" in part || "name" in part)) {
      return { community: parts } satisfies BirdCommunity;
    }
    throw this.problem("must have numbers or names alone in the community before");
  }

  #prefixSet(): BirdExpression {
    const prefixes: string[] = [];
    this.expect("[");
    do prefixes.push(this.#pattern());
    while (this.skipped(","));
    this.expect("]");
    return { prefixes };
  }

  #pattern(): string {
    const prefix = this.word("a network");
    const mark = ["+", "-"].find((each) => this.skipped(each));
    if (mark !== undefined || !this.skipped("{")) return `${prefix}${mark ?? ""}`;
    const least = this.word("a length");
    this.expect(",");
    const most = this.word("a length");
    this.expect("}");
    return `${prefix}{${least},${most}}`;
  }
}
