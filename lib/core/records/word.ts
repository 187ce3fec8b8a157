/** A word of a record's data as it stands in a zone file (RFC 1035, 5.1), with its escapes. */
export interface DataWord {
  readonly text: string;
  /** Whether it stands between double quotes, which are left out here. */
  readonly quoted: boolean;
}

/** The most bytes of a character string (RFC 1035, 3.3). */
const LONGEST_STRING = 255;

/** A character of a text, and whether an escape made it. */
interface Character {
  readonly bytes: Buffer;
  readonly escaped: boolean;
}

/** Reads the escapes of a text: `\DDD` is a byte, `\X` the character X. Undefined if a byte is above 255. */
function charactersOf(text: string): readonly Character[] | undefined {
  const found: Character[] = [];
  for (const [part] of text.matchAll(/\\\d{3}|\\.|./gsu)) {
    const escaped = part.length > 1 && part.startsWith("\\");
    const isByte = escaped && part.length === 4;
    if (isByte && Number(part.slice(1)) > 255) return undefined;
    found.push({
      bytes: isByte ? Buffer.of(Number(part.slice(1))) : Buffer.from(escaped ? part.slice(1) : part),
      escaped,
    });
  }
  return found;
}

/** Whether a text fits into one character string. */
export function isCharacterString(text: string): boolean {
  if (!text.includes("\\")) return Buffer.byteLength(text) <= LONGEST_STRING;
  const characters = charactersOf(text);
  return characters !== undefined && sum(characters.map(({ bytes }) => bytes.length)) <= LONGEST_STRING;
}

/** A domain name of a zone file. */
export interface WrittenName {
  /** In lower case. A dot in a label is escaped. */
  readonly labels: readonly string[];
  /** Whether it ends with a dot. */
  readonly qualified: boolean;
}

/** Reads a domain name of a zone file, with its escapes; undefined if it is none. */
export function readName(text: string): WrittenName | undefined {
  if (text === ".") return { labels: [], qualified: true };
  if (/^[\w*/-]{1,63}(?:\.[\w*/-]{1,63})*\.?$/.test(text) && text.length <= 254) {
    const qualified = text.endsWith(".");
    return { labels: (qualified ? text.slice(0, -1) : text).toLowerCase().split("."), qualified };
  }
  const labels: Character[][] = [[]];
  for (const character of charactersOf(text) ?? []) {
    if (character.bytes.toString("latin1") === "." && !character.escaped) labels.push([]);
    else labels.at(-1)?.push(character);
  }
  const qualified = labels.at(-1)?.length === 0;
  const own = qualified ? labels.slice(0, -1) : labels;
  const sizes = own.map((label) => sum(label.map(({ bytes }) => bytes.length)));
  if (sizes.length === 0 || sizes.some((size) => size === 0 || size > 63) || sum(sizes) + sizes.length > 254) {
    return undefined;
  }
  return { labels: own.map((label) => label.map(plain).join("").toLowerCase()), qualified };
}

function plain({ bytes }: Character): string {
  return bytes.toString("latin1").replaceAll(/[.\\]/g, (special) => `\\${special}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
