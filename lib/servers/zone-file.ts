import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { InputCode } from "../core/codes/index.js";
import { canonicalDomainName, isDomainName } from "../core/names.js";
import { nameConflicts } from "../core/records/name-conflicts.js";
import { readZoneFile, type ZoneFileEntry, type ZoneFileFault } from "../core/records/zone-file.js";
import type { Report } from "../terraform/parse.js";

const LARGEST_FILE = 16 * 1024 * 1024;
/** The most faults that are reported of one file. */
const MOST_FAULTS = 10;

/** The text of a zone file; reports what NSD would refuse. */
export function zoneFileText({ name, path }: { readonly name: string; readonly path: string }, report: Report): string {
  const text = readText(path, report);
  if (text === undefined || !isDomainName(name)) return text ?? "";
  const { entries, faults } = readZoneFile(text, canonicalDomainName(name));
  const all = [...faults.map((fault) => ({ ...fault, code: CODES[fault.kind] })), ...faultsTogether(entries)];
  const given = JSON.stringify(path);
  for (const { code, line, found, fix } of all.slice(0, MOST_FAULTS)) {
    report(code, ["path"], `must be a zone file without ${found}, got ${given} with it in line ${line}; ${fix}`);
  }
  if (all.length > MOST_FAULTS) {
    report(
      "DNSLB115",
      ["path"],
      `must be a zone file that NSD takes, got ${given} with ${all.length - MOST_FAULTS} more faults`,
    );
  }
  if (all.length === 0 && !entries.some(({ type }) => type === "SOA")) {
    report("DNSLB115", ["path"], `must be a zone file with an SOA record, got ${given}, which has none`);
  }
  return text;
}

const CODES: Readonly<Record<ZoneFileFault["kind"], InputCode>> = {
  form: "DNSLB115",
  zone: "DNSLB123",
  data: "DNSLB150",
};

function readText(path: string, report: Report): string | undefined {
  try {
    const bytes = readFileSync(resolve(path));
    if (bytes.length <= LARGEST_FILE) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    report("DNSLB115", ["path"], `must be a file of at most 16 MiB, got ${path} with ${bytes.length} bytes`);
  } catch (error) {
    const { code = "no UTF-8" } = error as NodeJS.ErrnoException;
    report("DNSLB115", ["path"], `must be a zone file that can be read, got ${JSON.stringify(path)} (${code})`);
  }
  return undefined;
}

interface Fault extends Pick<ZoneFileFault, "line" | "found" | "fix"> {
  readonly code: InputCode;
}

/** The faults of records beside others. */
function faultsTogether(entries: readonly ZoneFileEntry[]): Fault[] {
  const placed = entries.map(({ owner, type, data }) => ({ owner, type, data: JSON.stringify(data).toLowerCase() }));
  const conflicts = [...nameConflicts(placed)].map(([index, { beside, why }]): Fault => {
    const [entry, other] = [entries[index], entries[beside]];
    const found = `${entry?.type} at ${entry?.owner} beside the ${other?.type} in line ${other?.line}`;
    return { code: "DNSLB123", line: entry?.line ?? 0, found, fix: why };
  });
  const [, ...more] = entries.filter(({ type }) => type === "SOA");
  return [
    ...conflicts,
    ...more.map(({ line }): Fault => ({ code: "DNSLB123", line, found: "a second SOA record", fix: "a zone has one" })),
  ];
}
