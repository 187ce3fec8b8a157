import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { isOwnerName } from "../../core/names.js";
import { type Refusal, shown } from "../words.js";
import { LONGEST_TEXT, type ZoneFile, type ZoneFileDatum, type ZoneFileRecord } from "./model.js";

/**
 * Prints a zone file, one record a line. Names are fully qualified, and each line has its TTL and class.
 * Throws all problems at once.
 */
export function printZone(file: ZoneFile): string {
  const problems = file.records.flatMap((record, at) => problemsOf(record, `records[${at}]`));
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return file.records.map((record) => `${line(record)}\n`).join("");
}

/** Prints one record as a line of a zone file, without the newline. Throws all problems at once. */
export function printZoneRecord(record: ZoneFileRecord): string {
  const problems = problemsOf(record, "record");
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return line(record);
}

function line({ name, ttl, type, data }: ZoneFileRecord): string {
  return [name, String(ttl), "IN", type, ...data.map(printDatum)].join(" ");
}

function printDatum(datum: ZoneFileDatum): string {
  if (datum.kind === "word") return datum.word;
  // Single quotes are escaped too, because unbound.conf puts a record between them.
  const bytes = [...Buffer.from(datum.text, "utf8")];
  return `"${bytes.map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : decimal(byte))).join("")}"`;
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && !`"'\\`.includes(String.fromCharCode(byte));
}

function decimal(byte: number): string {
  return `\\${String(byte).padStart(3, "0")}`;
}

/**
 * No character that ends a word, starts a comment, string or group, or escapes; `\#` starts unknown data (RFC 3597).
 */
const WORD = /^(?:[!#-&*-:<-[\]-~]+|\\#)$/;
const LARGEST_TTL = 2_147_483_647;

function problemsOf({ name, ttl, type, data }: ZoneFileRecord, property: string): Problem[] {
  const problems: Problem[] = [];
  const refuse = (part: string, refusal: Refusal | undefined) => {
    if (refusal !== undefined) problems.push({ ...refusal, property: `${property}.${part}` });
  };
  if (!name.endsWith(".") || !isOwnerName(name)) refuse("name", wrong("a whole name with its final dot", name));
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > LARGEST_TTL) {
    refuse("ttl", wrong(`whole seconds between 0 and ${LARGEST_TTL}`, String(ttl)));
  }
  if (!/^[A-Z][A-Z0-9-]*$/.test(type)) refuse("type", wrong("a record type in capitals", type));
  if (data.length === 0) refuse("data", { code: "DNSLB808", message: "must not be empty" });
  data.forEach((datum, at) => {
    if (datum.kind === "word" && !WORD.test(datum.word)) {
      refuse(`data[${at}].word`, wrong("a word without spaces, quotes, brackets, ; and \\", datum.word));
    }
    if (datum.kind === "text" && /\p{Cs}/u.test(datum.text)) {
      refuse(`data[${at}].text`, { code: "DNSLB801", message: "must be text that UTF-8 can hold" });
    }
    if (datum.kind === "text" && Buffer.byteLength(datum.text) > LONGEST_TEXT) {
      refuse(`data[${at}].text`, wrong(`at most ${LONGEST_TEXT} bytes of UTF-8`, datum.text));
    }
  });
  return problems;
}

function wrong(allowed: string, got: string): Refusal {
  return { code: "DNSLB808", message: `must be ${allowed}, got ${shown(got)}` };
}
