import { notThere, titleOf } from "../view.js";
import type { BirdExpression } from "./expression.js";
import {
  type BirdBlock,
  type BirdBlockKeyword,
  type BirdFile,
  type BirdLine,
  type BirdStatement,
  isBirdBlock,
  isBirdLine,
} from "./model.js";
import { parseBird } from "./parse.js";
import { printBirdExpression, printBirdFilter, printBirdLine } from "./print.js";

/** Shows one block of bird.conf to a test. */
export class BirdBlockView {
  /** The block's name; its keyword where it has none. */
  readonly name: string;
  /** The template of a BGP protocol; undefined if it has none. */
  readonly template: string | undefined;
  /** The block's own lines as printed, without indentation: `"hold time 9;"`. */
  readonly lines: readonly string[];
  readonly #block: BirdBlock;

  constructor(block: BirdBlock) {
    this.#block = block;
    this.name = block.name ?? block.keyword;
    this.template = block.from;
    this.lines = linesOf(block).map(printBirdLine);
  }

  /** Tells whether the block itself has exactly this line. */
  has(line: string): boolean {
    return this.lines.includes(line);
  }

  /** The lines of blocks within, as printed; none if there is no such block. */
  linesOf(keyword: BirdBlockKeyword): string[] {
    return this.#block.entries
      .filter(isBirdBlock)
      .filter((block) => block.keyword === keyword)
      .flatMap(linesOf)
      .map(printBirdLine);
  }

  /** The words of an option's values; undefined if the block does not have it. */
  protected words(option: string): string[] | undefined {
    const line = linesOf(this.#block).find(([first]) => first === option);
    return line?.slice(1).map((value) => (typeof value === "string" ? value : printBirdExpression(value)));
  }

  protected number(option: string): number | undefined {
    const [value] = this.words(option) ?? [];
    return value === undefined ? undefined : Number(value);
  }
}

/** Shows a BGP protocol or a template to a test. What the block itself does not have is undefined, also if its template has it. */
export class BirdBgpView extends BirdBlockView {
  readonly localAddress = this.#address("local");
  readonly localAsn = this.#asn("local");
  readonly neighbor = this.#address("neighbor");
  readonly neighborAsn = this.#asn("neighbor");
  /** The name by which a file that only BIRD can read defines it. */
  readonly password = this.words("password")?.[0];
  /** Seconds. */
  readonly holdTime = this.number("hold time");
  /** Hops; 0 where BIRD is to choose. */
  readonly multihop = this.words("multihop")?.length === 0 ? 0 : this.number("multihop");
  readonly bfd = this.words("bfd")?.join(" ");

  #address(option: string): string | undefined {
    const [first] = this.words(option) ?? [];
    return first === "as" ? undefined : first;
  }

  #asn(option: string): number | undefined {
    const last = this.words(option)?.at(-1);
    return last === undefined ? undefined : Number(last);
  }
}

/** Shows a bird.conf to a test, block by block. Asking for what is not there throws. */
export class BirdConfig {
  readonly file: BirdFile;
  /** The lines of the whole daemon as printed: `"router id 10.0.0.1;"`. */
  readonly lines: readonly string[];

  constructor(file: BirdFile) {
    this.file = file;
    this.lines = file.statements.filter(isBirdLine).map(printBirdLine);
  }

  /** Reads a bird.conf. */
  static parse(text: string): BirdConfig {
    return new BirdConfig(parseBird(text));
  }

  /** The value of a definition. */
  definition(name: string): BirdExpression {
    return this.#find("define", name, (statement) =>
      "define" in statement && statement.define === name ? statement.value : undefined,
    );
  }

  /** The lines of a filter as printed: `"if COST > 0 then bgp_path.prepend(64512);"`. */
  filter(name: string): string[] {
    return this.#find("filter", name, (statement) =>
      "filter" in statement && statement.filter === name ? printBirdFilter(statement.statements) : undefined,
    );
  }

  /** A BGP protocol. */
  bgp(name: string): BirdBgpView {
    return new BirdBgpView(this.#block("protocol bgp", name));
  }

  /** A template of BGP protocols. */
  template(name: string): BirdBgpView {
    return new BirdBgpView(this.#block("template bgp", name));
  }

  /** Another block, by its keyword and, if it has one, its name. */
  block(keyword: BirdBlockKeyword, name?: string): BirdBlockView {
    return new BirdBlockView(this.#block(keyword, name));
  }

  #block(keyword: BirdBlockKeyword, name: string | undefined): BirdBlock {
    return this.#find(keyword, name, (statement) =>
      isBirdBlock(statement) && statement.keyword === keyword && statement.name === name ? statement : undefined,
    );
  }

  #find<T>(
    keyword: string,
    name: string | undefined,
    pick: (statement: Exclude<BirdStatement, BirdLine>) => T | undefined,
  ): T {
    const others = this.file.statements.filter((each): each is Exclude<BirdStatement, BirdLine> => !isBirdLine(each));
    for (const each of others) {
      const found = pick(each);
      if (found !== undefined) return found;
    }
    throw notThere("bird.conf", "statement", titleOf(keyword, name), others.map(titleFor));
  }
}

function titleFor(statement: Exclude<BirdStatement, BirdLine>): string {
  if (isBirdBlock(statement)) return titleOf(statement.keyword, statement.name);
  return "define" in statement ? titleOf("define", statement.define) : titleOf("filter", statement.filter);
}

function linesOf(block: BirdBlock): BirdLine[] {
  return block.entries.filter(isBirdLine);
}
