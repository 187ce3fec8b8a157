import { type DataWord, isPeriod, readName, refuseData, refuseType } from "./index.js";

/** A record of a zone file. */
export interface ZoneFileEntry {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Fully qualified, in lower case, with the final dot. */
  readonly owner: string;
  /** In capitals. */
  readonly type: string;
  readonly data: readonly DataWord[];
}

/** A fault of a zone file. */
export interface ZoneFileFault {
  readonly line: number;
  /** What kind of fault: one of the file's form, one of the zone, or one of a record's type or data. */
  readonly kind: "form" | "zone" | "data";
  /** Completes "a zone file with ...". */
  readonly found: string;
  /** How to correct it. */
  readonly fix: string;
}

/** What a zone file says. */
export interface ZoneFileContent {
  readonly entries: readonly ZoneFileEntry[];
  readonly faults: readonly ZoneFileFault[];
}

/**
 * Reads a zone file (RFC 1035, 5) as every supported version of NSD reads it; what one of them refuses is a fault. `zone`
 * is fully qualified, in lower case.
 */
export function readZoneFile(text: string, zone: string): ZoneFileContent {
  const faults: ZoneFileFault[] = [];
  const reader = new Reader(zone, faults);
  for (const line of linesOf(text, faults)) reader.read(line);
  return { entries: reader.entries, faults };
}

/** What stands on a line, or on several between parentheses. */
interface LogicalLine {
  readonly line: number;
  /** Whether it begins with a space: its owner is that of the record before. */
  readonly indented: boolean;
  readonly words: readonly DataWord[];
}

/** Ends of lines, spaces, comments, parentheses, texts in quotes, and words; a parameter's value may be in quotes. */
const TOKEN =
  /(?<end>\r?\n)|(?<space>[ \t]+)|;[^\r\n\0]*|(?<bracket>[()])|"(?<quoted>[^"\\\0]*(?:\\[^\0][^"\\\0]*)*)"|(?<word>(?:[^\s;()"\\\0]+|\\[^\0]|(?<==)"[^"\\\0]*(?:\\[^\0][^"\\\0]*)*")+)/gsuy;

function linesOf(text: string, faults: ZoneFileFault[]): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let [line, depth, start, indented] = [1, 0, 1, false];
  let words: DataWord[] = [];
  let atStart = true;
  const finish = () => {
    if (words.length > 0) lines.push({ line: start, indented, words });
    words = [];
  };
  TOKEN.lastIndex = 0;
  let end = 0;
  for (;;) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (match === null) break;
    end = TOKEN.lastIndex;
    const { end: newline, space, bracket, quoted, word } = match.groups ?? {};
    if (atStart && newline === undefined) {
      [atStart, start, indented] = [false, line, space !== undefined];
    }
    if (newline !== undefined) {
      line += 1;
      if (depth === 0) {
        finish();
        atStart = true;
      }
    } else if (bracket === "(") {
      if (words.length === 0 && !indented) {
        faults.push({ ...atLine(line), found: "a parenthesis before the owner", fix: "begin with the owner's name" });
      }
      depth += 1;
      if (depth === 2)
        faults.push({ ...atLine(line), found: "parentheses in parentheses", fix: "leave out the inner ones" });
    } else if (bracket === ")") {
      depth -= 1;
      if (depth < 0) {
        faults.push({ ...atLine(line), found: 'a ")" without "("', fix: "remove it" });
        depth = 0;
      }
    } else if (quoted !== undefined) {
      words.push({ text: quoted, quoted: true });
      line += quoted.split("\n").length - 1;
    } else if (word !== undefined) {
      words.push({ text: word, quoted: false });
      line += word.split("\n").length - 1;
    }
  }
  finish();
  if (end < text.length) faults.push(unreadable(text[end] ?? "", line));
  else if (depth > 0) faults.push({ ...atLine(start), found: 'a "(" without ")"', fix: 'close it by ")"' });
  return lines;
}

function atLine(line: number): Pick<ZoneFileFault, "line" | "kind"> {
  return { line, kind: "form" };
}

function unreadable(character: string, line: number): ZoneFileFault {
  if (character === '"') return { ...atLine(line), found: "a text without its closing quote", fix: "close it" };
  const name = CHARACTERS[character] ?? "a character that ends no word";
  return { ...atLine(line), found: name, fix: "remove it" };
}

const CHARACTERS: Readonly<Record<string, string>> = {
  "\0": "a NUL byte",
  "\r": "a carriage return that ends no line",
  "\\": "a backslash before nothing",
  "\f": "a form feed",
  "\v": "a vertical tab",
};

const CLASSES = /^(?:CH|HS|CS|ANY|NONE|CLASS\d+)$/;

class Reader {
  readonly entries: ZoneFileEntry[] = [];
  private origin: string;
  private owner: string | undefined;

  constructor(
    private readonly zone: string,
    private readonly faults: ZoneFileFault[],
  ) {
    this.origin = zone;
  }

  read({ line, indented, words }: LogicalLine): void {
    const [first] = words;
    if (first === undefined) return;
    if (!first.quoted && first.text.startsWith("$")) this.direct(words, indented, line);
    else this.record(words, indented, line);
  }

  private direct([directive, argument, ...more]: readonly DataWord[], indented: boolean, line: number): void {
    const name = directive?.text ?? "";
    const add = (fix: string) => this.faults.push({ ...atLine(line), found: name, fix });
    if (/^\$INCLUDE$/i.test(name)) add("put the other file's text in its place");
    else if (/^\$GENERATE$/i.test(name)) add("write its records out");
    else if (!/^\$(?:ORIGIN|TTL)$/i.test(name)) add("remove it: NSD knows $ORIGIN and $TTL");
    else if (name !== name.toUpperCase() || indented) add(`write ${name.toUpperCase()} at the beginning of its line`);
    else if (argument === undefined || argument.quoted || more.length > 0) add(`give ${name} one value`);
    else if (name === "$TTL") {
      if (!isPeriod(argument.text)) add("give it seconds, or a number with one unit, such as 90m");
    } else {
      const origin = readName(argument.text);
      if (origin?.qualified === true) this.origin = nameOf(origin.labels);
      else add(`give it a domain name with its final dot, got ${JSON.stringify(argument.text)}`);
    }
  }

  private record(words: readonly DataWord[], indented: boolean, line: number): void {
    const rest = [...words];
    if (!indented) {
      const first = rest.shift();
      this.owner = first === undefined || first.quoted ? undefined : this.qualified(first.text);
      if (this.owner === undefined) {
        const found = `the owner ${JSON.stringify(first?.text)}`;
        this.faults.push({ line, kind: "data", found, fix: "write a domain name (RFC 1035)" });
        return;
      }
    }
    const { owner } = this;
    if (owner === undefined) {
      this.faults.push({
        ...atLine(line),
        found: "a record without an owner",
        fix: "begin its line with the owner's name",
      });
      return;
    }
    if (owner.length > LONGEST_NAME && wireLength(owner) > LONGEST_NAME) {
      const found = "an owner of more than 255 bytes";
      this.faults.push({ line, kind: "data", found, fix: "write a shorter name (RFC 1035, 3.1)" });
      return;
    }
    const fault = this.skipTtlAndClass(rest);
    const [type, ...data] = rest;
    const name = type?.text.toUpperCase() ?? "";
    const refusal = fault ?? this.refuse(owner, type, name, data);
    if (refusal !== undefined) this.faults.push({ line, ...refusal });
    this.entries.push({ line, owner, type: name, data });
  }

  /** Takes the TTL and the class away, in either order. */
  private skipTtlAndClass(words: DataWord[]): Omit<ZoneFileFault, "line"> | undefined {
    const seen = { ttl: false, class: false };
    for (;;) {
      const [next] = words;
      if (next === undefined || next.quoted) return undefined;
      const text = next.text.toUpperCase();
      if (!seen.ttl && /^\d/.test(text)) {
        if (!isPeriod(text)) {
          const found = `the TTL ${JSON.stringify(next.text)}`;
          return { kind: "data", found, fix: "write seconds up to 2147483647, or a number with one unit, such as 90m" };
        }
        seen.ttl = true;
      } else if (!seen.class && /^(?:IN|CLASS1)$/.test(text)) seen.class = true;
      else if (CLASSES.test(text)) {
        return { kind: "data", found: `the class ${text}`, fix: "write IN, the one class of NSD" };
      } else return undefined;
      words.shift();
    }
  }

  private refuse(
    owner: string,
    type: DataWord | undefined,
    name: string,
    data: readonly DataWord[],
  ): Omit<ZoneFileFault, "line"> | undefined {
    if (type === undefined || type.quoted) {
      return { kind: "data", found: "a record without a type", fix: "name its type after the owner, TTL and class" };
    }
    const unknown = refuseType(name);
    if (unknown !== undefined && !isNumbered(name))
      return { kind: "data", found: `the type ${JSON.stringify(type.text)}`, fix: unknown };
    if (this.zone !== "." && owner !== this.zone && !owner.endsWith(`.${this.zone}`)) {
      return {
        kind: "zone",
        found: `the name ${owner} outside of the zone ${this.zone}`,
        fix: "give its zone a file of its own",
      };
    }
    if (name === "SOA" && owner !== this.zone) {
      return { kind: "zone", found: `an SOA record of ${owner}`, fix: `the zone itself has it, ${this.zone}` };
    }
    const wrong = isNumbered(name) && unknown !== undefined ? undefined : refuseData(name, data, "zone-file");
    return wrong === undefined ? undefined : { kind: "data", found: `${name} data that no server takes`, fix: wrong };
  }

  private qualified(text: string): string | undefined {
    if (text === "@") return this.origin;
    const name = readName(text);
    if (name === undefined) return undefined;
    if (name.qualified || this.origin === ".") return nameOf(name.labels);
    return `${name.labels.join(".")}.${this.origin}`;
  }
}

/** The most bytes of a name on the wire. */
const LONGEST_NAME = 255;

/** The bytes of a name on the wire: a byte before each label, and one at the end. */
function wireLength(name: string): number {
  return name.replace(/\\./g, "x").length + 1;
}

/** Whether a type is the number of a type with a name, which zone files may write so. */
function isNumbered(type: string): boolean {
  return /^TYPE[1-9]\d{0,4}$/.test(type) && Number(type.slice(4)) <= 65_535;
}

function nameOf(labels: readonly string[]): string {
  return `${labels.join(".")}.`;
}
