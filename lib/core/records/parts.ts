import { familyOf } from "../ip.js";
import { isRecordName } from "../names.js";
import { type DataWord, isCharacterString, readName } from "./word.js";

/** Where data stand: in a zone file that the user wrote, or in `DnsRecord.other()`, which takes less. */
export type Place = "zone-file" | "record";

/** A part of a record's data. */
export interface Part {
  /** Completes "must be ...", with the part's name. */
  readonly allowed: string;
  readonly accepts: (word: DataWord, place: Place) => boolean;
}

/** A part in which quotes do not belong. */
function plain(allowed: string, accepts: (text: string, place: Place) => boolean): Part {
  return { allowed, accepts: ({ text, quoted }, place) => !quoted && accepts(text, place) };
}

/** A whole number of so many bits. */
export function unsigned(title: string, bits: 8 | 16 | 32): Part {
  const most = 2 ** bits - 1;
  return plain(`${title} (0 to ${most})`, (text) => /^\d{1,10}$/.test(text) && Number(text) <= most);
}

/** A number, or one of some words for numbers. */
export function named(title: string, bits: 8 | 16, words: readonly string[]): Part {
  const number = unsigned(title, bits);
  return {
    allowed: number.allowed,
    accepts: (word, place) => number.accepts(word, place) || (!word.quoted && words.includes(word.text.toUpperCase())),
  };
}

/** The most seconds of a TTL (RFC 2181, 8). */
const LONGEST_TTL = 2_147_483_647;

/** A number of seconds; in a zone file also with a unit. */
export function seconds(title: string): Part {
  return plain(`${title} (0 to ${LONGEST_TTL} seconds)`, (text, place) =>
    place === "zone-file" ? isPeriod(text) : /^\d{1,10}$/.test(text) && Number(text) <= LONGEST_TTL,
  );
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Whether a text is a TTL: seconds, or a number with one unit. Not every server takes several units. */
export function isPeriod(text: string): boolean {
  const [, digits, unit = "s"] = /^(\d{1,10})([smhdw])?$/i.exec(text) ?? [];
  return digits !== undefined && Number(digits) * (UNITS[unit.toLowerCase()] ?? 1) <= LONGEST_TTL;
}

/** A domain name: in a record fully qualified, since nothing completes it there. */
export function domain(title: string): Part {
  return plain(`${title} (a domain name with its final dot)`, (text, place) =>
    place === "zone-file" ? text === "@" || readName(text) !== undefined : text.endsWith(".") && isRecordName(text),
  );
}

/** A character string, in quotes or not. Some servers take a word of letters and digits alone without quotes. */
export function string(title: string, unquoted = /^(?!(?:@|\\#)$)/): Part {
  return {
    allowed: `${title} (a text of at most 255 bytes, in double quotes)`,
    accepts: ({ text, quoted }, place) =>
      isCharacterString(text) && (quoted || (place === "zone-file" ? unquoted : PLAIN).test(text)),
  };
}

const PLAIN = /^[\w-]+$/;

/** A character string that is a single word, or in quotes. */
export function wordString(title: string): Part {
  return string(title, /^[^.@]+$/);
}

/** A character string that must stand in quotes, because not every server takes it without. */
export function quotedString(title: string): Part {
  return {
    allowed: `${title} (a text of at most 255 bytes in double quotes)`,
    accepts: ({ text, quoted }) => quoted && isCharacterString(text),
  };
}

/** An address of a family. */
export function address(title: string, family: "ipv4" | "ipv6"): Part {
  return plain(`${title} (an ${family === "ipv4" ? "IPv4" : "IPv6"} address)`, (text) => familyOf(text) === family);
}

/** Text of a certain form. */
export function form(allowed: string, pattern: RegExp): Part {
  return plain(allowed, (text) => pattern.test(text));
}

/** Bytes in hexadecimal digits. */
export function hexadecimal(title: string, bytes?: number): Part {
  const size = bytes === undefined ? "" : `${bytes} bytes `;
  return plain(`${title} (${size}in hexadecimal digits)`, (text) =>
    bytes === undefined ? /^(?:[\da-f]{2})+$/i.test(text) : text.length === 2 * bytes && /^[\da-f]+$/i.test(text),
  );
}

/** Bytes in Base64. */
export function base64(title: string): Part {
  return plain(`${title} (in Base64)`, isBase64);
}

/** Whether a text is at least one byte in Base64. */
export function isBase64(text: string): boolean {
  return text !== "" && /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text);
}
