import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type Refusal, refuseKeyword, shown } from "../words.js";
import { type PlacedRefusal, refuseExpression, refuseName } from "./expression.js";
import { ExpressionReader } from "./expression-reader.js";
import { type BirdFilterStatement, refuseStatements } from "./filter.js";
import {
  BIRD_GRAMMAR,
  type BirdBlock,
  type BirdBlockKeyword,
  type BirdEntry,
  type BirdFile,
  type BirdGrammar,
  type BirdLine,
  type BirdStatement,
  type BirdValue,
  formOf,
  grammarOf,
  refuseBlock,
  refuseLine,
} from "./model.js";
import { splitTokens } from "./tokens.js";

/**
 * Reads bird.conf back into its model, comments dropped. Throws all problems at once, each with its line. What the model
 * cannot express is refused: functions, names in apostrophes, filters without a name, passwords as text, and options that
 * are not allowed in their block.
 */
export function parseBird(text: string): BirdFile {
  const tokens = splitTokens(text);
  if ("code" in tokens) throw problemAt(tokens, tokens.line);
  const reader = new Reader(tokens);
  const statements = reader.statements();
  if (reader.problems.length > 0) throw new UnscopedValidationError(reader.problems);
  return { statements };
}

function problemAt({ code, message }: Refusal, line: number): UnscopedValidationError {
  return new UnscopedValidationError([{ code, message, property: `line ${line}` }]);
}

class Reader extends ExpressionReader {
  readonly problems: Problem[] = [];

  statements(): BirdStatement[] {
    return this.#list(BIRD_GRAMMAR, () => this.#definition() ?? this.#filter(), true);
  }

  /** Reads up to the brace that closes the block, or to the end at the top. */
  #list<T>(within: BirdGrammar, special: () => T | undefined, top: boolean): (T | BirdEntry)[] {
    const found: (T | BirdEntry)[] = [];
    for (;;) {
      // BIRD allows empty statements.
      while (this.skipped(";"));
      if (this.atEnd()) {
        if (!top) this.#report({ code: "DNSLB805", message: "ends inside a block" }, this.line());
        return found;
      }
      if (this.peeks("}") && !top) return found;
      const start = this.position;
      try {
        found.push(special() ?? this.#block(within) ?? this.#line(within));
      } catch (error) {
        if (!(error instanceof UnscopedValidationError)) throw error;
        this.problems.push(...error.problems);
        this.recover(start);
      }
    }
  }

  #definition(): BirdStatement | undefined {
    const line = this.line();
    if (!this.skipped("define")) return undefined;
    const define = this.word("a name");
    this.expect("=");
    const value = this.expression();
    this.expect(";");
    this.#reportAll(refuseName(define), refuseExpression(value), line);
    return { define, value };
  }

  #filter(): BirdStatement | undefined {
    const line = this.line();
    if (!this.skipped("filter")) return undefined;
    const filter = this.word("a name");
    const statements = this.#filterBlock();
    this.#reportAll(refuseName(filter), refuseStatements(statements), line);
    return { filter, statements };
  }

  #filterBlock(): BirdFilterStatement[] {
    this.expect("{");
    const statements: BirdFilterStatement[] = [];
    while (!this.skipped("}")) statements.push(...this.#filterStatement());
    return statements;
  }

  /** One statement, or those of a block that has no condition. */
  #filterStatement(): BirdFilterStatement[] {
    if (this.skipped(";")) return [];
    if (this.peeks("{")) return this.deeper(() => this.#filterBlock());
    const line = this.line();
    if (this.skipped("if")) {
      const condition = this.expression();
      this.expect("then");
      const body = this.deeper(() => this.#filterStatement());
      if (!this.skipped("else")) return [{ if: condition, do: body }];
      return [{ if: condition, do: body, else: this.deeper(() => this.#filterStatement()) }];
    }
    const word = this.word("a statement of a filter");
    if (word === "accept" || word === "reject") {
      this.expect(";");
      return [word];
    }
    const isCall = this.skipped("(");
    if (!isCall && !this.skipped("=")) throw problemAt(refuseKeywordOf(word), line);
    const value = this.expression();
    if (isCall) this.expect(")");
    this.expect(";");
    return [(isCall ? { call: word, with: value } : { set: word, to: value }) as BirdFilterStatement];
  }

  #block(within: BirdGrammar): BirdBlock | undefined {
    if (!this.opensBlock()) return undefined;
    const line = this.line();
    const words = this.#header();
    const keyword = longest(words.plain, Object.keys(within.blocks)) ?? words.plain.slice(0, 2).join(" ");
    const rest = words.plain.slice(keyword.split(" ").length);
    const fromAt = rest.indexOf("from");
    const from = fromAt < 0 ? undefined : rest[fromAt + 1];
    const names = [...(fromAt < 0 ? rest : rest.slice(0, fromAt)), ...words.texts];
    const [name, ...others] = names;
    const grammar = grammarOf(keyword, within);
    const quoted = grammar?.name === "pattern";
    const isOdd =
      others.length > 0 ||
      (fromAt >= 0 && rest.length !== fromAt + 2) ||
      (name !== undefined && quoted !== words.texts.length > 0);
    const refusal: Refusal | undefined =
      isOdd && grammar
        ? {
            code: "DNSLB804",
            message: `must be named by one ${quoted ? "text" : "word"}, got ${shown(names.join(" "))}`,
          }
        : refuseBlock({ keyword, name, from }, within);
    if (refusal) this.#report(refusal, line);
    this.expect("{");
    if (!grammar) {
      this.skipBlock();
      return { keyword: keyword as BirdBlockKeyword, entries: [] };
    }
    const entries = this.#list<never>(grammar, () => undefined, false);
    this.skipped("}");
    return {
      keyword: keyword as BirdBlockKeyword,
      ...(name === undefined ? {} : { name }),
      ...(from === undefined ? {} : { from }),
      entries,
    };
  }

  /** The words and texts before the brace that opens a block. */
  #header(): { plain: string[]; texts: string[] } {
    const plain: string[] = [];
    const texts: string[] = [];
    while (!this.peeks("{")) {
      const text = this.text();
      if (text === undefined) plain.push(this.word("the name of a block"));
      else texts.push(text);
    }
    return { plain, texts };
  }

  #line(within: BirdGrammar): BirdLine {
    const line = this.line();
    const isFirst = this.isFirst();
    const words = this.words();
    const option = longest(words, Object.keys(within.options));
    if (option === undefined) {
      const [word] = words;
      const refusal = word === undefined ? undefined : refuseKeyword(word, "this block", Object.keys(within.options));
      throw refusal ? problemAt(refusal, line) : this.problem("must begin with a word");
    }
    for (const word of option.split(" ")) this.expect(word);
    const values: BirdValue[] = [];
    let commas = 0;
    while (!this.peeks(";")) {
      const text = this.text();
      if (text !== undefined) values.push({ text });
      else if (this.skipped(",")) commas++;
      else values.push(this.word("a value"));
      if (values.at(-1) === "where") values.push(this.expression());
    }
    this.expect(";");
    const read: BirdLine = [option, ...values];
    this.#reportAll(undefined, refuseLine(read, within), line);
    const form = formOf(read, within) ?? [];
    if (form.length > 0 && form.filter((part) => part === ",").length !== commas) {
      this.#report({ code: "DNSLB805", message: `must give '${option}' "${form.join(" ")}"` }, line);
    }
    if (option === "include" && !isFirst) {
      this.#report({ code: "DNSLB805", message: "must have a line of its own: include" }, line);
    }
    return read;
  }

  #reportAll(refusal: Refusal | undefined, more: readonly PlacedRefusal[], line: number): void {
    if (refusal) this.#report(refusal, line);
    for (const each of more) this.#report(each, line);
  }

  #report(refusal: Refusal, line: number): void {
    this.problems.push({ code: refusal.code, message: refusal.message, property: `line ${line}` });
  }
}

function refuseKeywordOf(word: string): Refusal {
  return { code: "DNSLB802", message: `is no statement: ${shown(word)}` };
}

/** The longest of some phrases with which words begin. */
function longest(words: readonly string[], phrases: readonly string[]): string | undefined {
  const found = phrases.filter((phrase) => phrase.split(" ").every((word, at) => words[at] === word));
  return found.sort((a, b) => b.length - a.length)[0];
}
