import type { Part, Place } from "./parts.js";
import { isMessageType, NUMBERED_TYPES, type RecordType, TYPES } from "./types.js";
import type { DataWord } from "./word.js";

export { isPeriod, type Place } from "./parts.js";
export { type DataWord, readName, type WrittenName } from "./word.js";

/** Says why a zone cannot hold records of a type, and how to write it if it can; undefined if it is right. */
export function refuseType(type: string): string | undefined {
  if (Object.hasOwn(TYPES, type)) return undefined;
  const [, digits] = /^TYPE(\d+)$/.exec(type) ?? [];
  if (digits !== undefined) {
    const number = Number(digits);
    const name = Object.entries(TYPES).find(([, known]) => known.number === number)?.[0];
    if (name !== undefined) return `write "${name}", and its data in the form of that type`;
    if (String(number) === digits && number <= 65_535 && !isMessageType(number)) return undefined;
    return 'the number of a type for data is between 1 and 65535, without those for messages (0, 41, 128 to 255), such as "TYPE65280"';
  }
  const number = Object.hasOwn(NUMBERED_TYPES, type) ? NUMBERED_TYPES[type] : undefined;
  return number === undefined
    ? 'a type without a name is written by its number, such as "TYPE65280"'
    : `not every server knows it by name; write "TYPE${number}", and its data as "\\# 2 0a0b": the number of bytes, and the bytes`;
}

/** Says what is wrong with the data of a record of a valid type; undefined if nothing is. */
export function refuseData(type: string, words: readonly DataWord[], place: Place): string | undefined {
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (known === undefined) return refuseBytes(words);
  if (words[0]?.text === "\\#" && !words[0].quoted && place === "zone-file") return refuseBytes(words);
  return refuseParts(known, words, place) ?? known.check?.(words, place);
}

/** The form of a type's data in words. */
export function formOf(type: string): string {
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (known === undefined) return '"\\#", the number of bytes, and the bytes in hexadecimal digits (RFC 3597)';
  const { parts, rest } = known;
  const all = [...parts, ...(rest === undefined ? [] : [rest.part])].map(({ allowed }) => allowed);
  return all.join(", ");
}

function refuseParts({ parts, rest }: RecordType, words: readonly DataWord[], place: Place): string | undefined {
  for (const [index, part] of parts.entries()) {
    const refusal = refusePart(part, words[index], place);
    if (refusal !== undefined) return refusal;
  }
  const further = words.slice(parts.length);
  if (rest === undefined) {
    const [next] = further;
    return next === undefined ? undefined : `nothing may follow, got ${shown(next)}`;
  }
  const [first] = further;
  if (further.length < rest.least) return refusePart(rest.part, undefined, place);
  const surplus = rest.most === undefined ? undefined : further[rest.most];
  if (surplus !== undefined)
    return `nothing may follow ${rest.most === 1 ? "it" : `${rest.most} of them`}, got ${shown(surplus)}`;
  if (rest.joined === true && first !== undefined) {
    const quoted = further.some((word) => word.quoted);
    return refusePart(rest.part, { text: further.map(({ text }) => text).join(""), quoted }, place);
  }
  return further.map((word) => refusePart(rest.part, word, place)).find((refusal) => refusal !== undefined);
}

function refusePart(part: Part, word: DataWord | undefined, place: Place): string | undefined {
  if (word === undefined) return `a part is missing: ${part.allowed}`;
  return part.accepts(word, place) ? undefined : `${shown(word)} is no ${part.allowed.replace(/^(?:an?|the) /, "")}`;
}

function refuseBytes([mark, length, ...digits]: readonly DataWord[]): string | undefined {
  const bytes = digits.map(({ text }) => text).join("");
  const isValid =
    mark?.text === "\\#" &&
    !mark.quoted &&
    length?.quoted === false &&
    /^(?:0|[1-9]\d{0,4})$/.test(length.text) &&
    /^(?:[\da-f]{2})*$/i.test(bytes) &&
    digits.every(({ text, quoted }) => text !== "" && !quoted);
  if (!isValid) return 'it must be "\\#", the number of bytes, and the bytes in hexadecimal digits (RFC 3597)';
  const count = bytes.length / 2;
  return count === Number(length?.text) ? undefined : `it has ${count} bytes, and says ${length?.text}`;
}

function shown({ text }: DataWord): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 60 ? `${quoted.slice(0, 57)}...` : quoted;
}
