import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import type { ZoneFile, ZoneFileDatum, ZoneFileRecord } from "./model.js";

/** Reads a zone file that `printZone` wrote back into its model. Throws all problems at once, each with its line. */
export function parseZone(text: string): ZoneFile {
  const problems: Problem[] = [];
  const records: ZoneFileRecord[] = [];
  text.split("\n").forEach((line, at) => {
    if (line === "") return;
    const record = parseRecord(line);
    if (record !== undefined) records.push(record);
    else {
      const message = "must be a name, seconds, IN, a type and data, as printZone() writes them";
      problems.push({ code: "DNSLB805", property: `line ${at + 1}`, message });
    }
  });
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return { records };
}

const RECORD = /^(\S+\.|\.) (\d+) IN ([A-Z][A-Z0-9-]*)((?: (?:"(?:[^"\\]|\\\d{3})*"|[^\s"]+))+)$/;

function parseRecord(line: string): ZoneFileRecord | undefined {
  const [, name, ttl, type, data] = RECORD.exec(line) ?? [];
  if (name === undefined || type === undefined || data === undefined) return undefined;
  return { name, ttl: Number(ttl), type, data: (data.match(/"(?:[^"\\]|\\\d{3})*"|[^\s"]+/g) ?? []).map(parseDatum) };
}

function parseDatum(word: string): ZoneFileDatum {
  if (!word.startsWith('"')) return { kind: "word", word };
  const parts = word.slice(1, -1).match(/\\\d{3}|[^\\]/g) ?? [];
  const bytes = parts.map((part) => (part.length > 1 ? Number(part.slice(1)) : part.charCodeAt(0)));
  return { kind: "text", text: Buffer.from(bytes).toString("utf8") };
}
