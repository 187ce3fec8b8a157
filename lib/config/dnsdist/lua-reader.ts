import { UnscopedValidationError } from "../../core/errors.js";
import { shown } from "../words.js";
import { DNSDIST_CONSTANTS, type DnsdistConstant, type DnsdistFunction, type LuaCall, type LuaValue } from "./model.js";

interface Token {
  readonly kind: "string" | "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /(?<blank>\s+|--[^\n]*)|(?<string>"(?:[^"\\\n]|\\(?:\d{3}|["\\]))*")|(?<number>-?\d[\d.]*(?:e[+-]?\d+)?)|(?<name>[A-Za-z_][\w.]*)|(?<sign>[{}(),=])/y;

/** Parses the subset of Lua that the printer writes, and nothing else. */
export class LuaReader {
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string>;
  #at = 0;

  /** `functions` are those that the text may call. */
  constructor(text: string, functions: readonly DnsdistFunction[]) {
    this.#tokens = tokensOf(text);
    this.#functions = new Set(functions);
  }

  get atEnd(): boolean {
    return this.#next.kind === "end";
  }

  /** Consumes a sign or a keyword; throws if the next token is another. */
  expect(text: string): void {
    const token = this.#next;
    if (token.text !== text || token.kind === "string")
      throw refusal(token.line, `expected ${text}, got ${shown(token.text)}`);
    this.#at++;
  }

  /** Reads one value. */
  value(): LuaValue {
    const token = this.#next;
    switch (token.kind) {
      case "string":
        this.#at++;
        return decoded(token);
      case "number":
        this.#at++;
        return Number(token.text);
      case "name":
        return this.#word();
      case "sign":
        return this.#table();
      case "end":
        throw refusal(token.line, "expected a value, got the end");
    }
  }

  /** Reads one call. */
  call(): LuaCall {
    const { line } = this.#next;
    const value = this.value();
    if (typeof value === "object" && "call" in value) return value;
    throw refusal(line, "expected a call");
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: 0 };
  }

  #word(): LuaValue {
    const { text, line } = this.#next;
    this.#at++;
    if (text === "true" || text === "false") return text === "true";
    if (this.#next.text === "(" && this.#next.kind === "sign") {
      if (!this.#functions.has(text)) throw refusal(line, `no such function here: ${shown(text)}`);
      this.#at++;
      return { call: text as DnsdistFunction, args: this.#until(")", () => this.value()) };
    }
    if (!isConstant(text)) throw refusal(line, `no such constant: ${shown(text)}`);
    return { constant: text };
  }

  #table(): LuaValue {
    this.expect("{");
    const { kind } = this.#next;
    const following = this.#tokens[this.#at + 1];
    if (kind !== "name" || following?.kind !== "sign" || following.text !== "=") {
      return { list: this.#until("}", () => this.value()) };
    }
    const seen = new Set<string>();
    const fields = this.#until("}", () => {
      const { kind, text, line } = this.#next;
      if (kind !== "name" || text.includes(".")) throw refusal(line, `expected a field's name, got ${shown(text)}`);
      if (seen.has(text)) throw refusal(line, `field ${text} is there twice`);
      seen.add(text);
      this.#at++;
      this.expect("=");
      return [text, this.value()] as const;
    });
    return { record: Object.fromEntries(fields) };
  }

  /** Items with commas between them, one more allowed at the end, up to a closing sign. */
  #until<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (this.#next.text !== close || this.#next.kind !== "sign") {
      if (items.length > 0) this.expect(",");
      if (this.#next.text === close && this.#next.kind === "sign") break;
      items.push(item());
    }
    this.expect(close);
    return items;
  }
}

/** The error for text that cannot be parsed. */
export function refusal(line: number, message: string): UnscopedValidationError {
  return new UnscopedValidationError([{ code: "DNSLB805", property: `line ${line}`, message }]);
}

function isConstant(text: string): text is DnsdistConstant {
  return (DNSDIST_CONSTANTS as readonly string[]).includes(text);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match?.groups) throw refusal(line, `can't be read: ${shown(text.slice(at))}`);
    const [kind, found] = Object.entries(match.groups).find(([, group]) => group !== undefined) ?? ["blank", ""];
    if (kind !== "blank") tokens.push({ kind: kind as Token["kind"], text: found, line });
    line += found.split("\n").length - 1;
  }
  tokens.push({ kind: "end", text: "", line });
  return tokens;
}

function decoded({ text, line }: Token): string {
  const bytes: number[] = [];
  for (const [character, decimal] of text.slice(1, -1).matchAll(/\\(\d{3})|\\?[\s\S]/g)) {
    const byte = decimal === undefined ? character.charCodeAt(character.length - 1) : Number(decimal);
    if (byte > 255) throw refusal(line, `no byte: ${shown(character)}`);
    bytes.push(byte);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    throw refusal(line, `a string is no UTF-8: ${shown(text)}`);
  }
}
