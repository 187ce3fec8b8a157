import type { InputCode } from "../core/codes/index.js";
import type { Duration } from "../core/duration.js";
import { isInZone, isOwnerName, nameInZone } from "../core/names.js";
import { type NameConflict, nameConflicts } from "../core/records/name-conflicts.js";
import type { DnsRecord, RecordDatum } from "../model/dns-record.js";
import type { Report } from "../terraform/parse.js";

/** Reports conflicts among the records of a zone; `ttl` is the default of the zone. */
export function checkRecords(zone: string, records: readonly DnsRecord[], ttl: Duration, report: Report): void {
  const owners = records.map(({ name }) => nameInZone(name, zone));
  const apex = nameInZone("@", zone);
  if (!records.some(({ type }, index) => type === "NS" && owners[index] === apex)) {
    report(
      "DNSLB123",
      ["records"],
      'must hold an NS record of the zone itself, which names a server that answers for it: DnsRecord.ns({ name: "@", target: ... })',
    );
  }
  const addressed = new Set(owners.filter((_, index) => ["A", "AAAA"].includes(records[index]?.type ?? "")));
  for (const [index, record] of records.entries()) {
    const owner = owners[index] ?? apex;
    if (!isInZone(owner, zone)) {
      report("DNSLB123", ["records", index], `must be in the zone ${apex}, got ${owner}`);
    }
    for (const name of [record.name, ...record.data.flatMap(nameOf)]) reportMissingDot(name, zone, index, report);
    if (record.type === "NS") checkAddress(record, { zone, addressed, index }, report);
  }
  checkRecordsTogether({ property: "records", zone, records, ttl }, report);
}

/** Records that are served together. */
export interface RecordSet {
  /** The property that lists them. */
  readonly property: string;
  readonly zone: string;
  readonly records: readonly DnsRecord[];
  /** The TTL of records without one. */
  readonly ttl: Duration;
}

/** Reports records that are there twice, cannot stand together, or have too long a name. */
export function checkRecordsTogether({ property, zone, records, ttl }: RecordSet, report: Report): void {
  const placed = records.map((record) => ({
    owner: nameInZone(record.name, zone),
    type: record.type,
    data: dataOf(record, zone),
  }));
  const conflicts = nameConflicts(placed);
  const earlierOf = new Map<string, EarlierRecords>();
  for (const [index, record] of records.entries()) {
    const { owner = "", data = "" } = placed[index] ?? {};
    const earlier = earlierOf.get(owner) ?? new EarlierRecords(property);
    earlierOf.set(owner, earlier);
    const beside = conflicts.get(index);
    const found = [
      earlier.conflictWith({ record, data, owner, ttl }),
      beside === undefined ? undefined : conflictOf(beside, owner, property),
    ].filter((conflict) => conflict !== undefined);
    const [first] = found.sort((a, b) => a.beside - b.beside);
    if (first !== undefined) report(first.code, [property, index], first.message);
    earlier.add(record, data, index);
    for (const name of [owner, ...record.data.flatMap(nameOf).map((each) => nameInZone(each, zone))]) {
      if (isOwnerName(name)) continue;
      report("DNSLB123", [property, index], `must have names of at most 253 characters, got ${name.length}: ${name}`);
    }
  }
}

function conflictOf({ beside, why }: NameConflict, owner: string, property: string): Conflict {
  return { beside, code: "DNSLB123", message: `cannot be at ${owner} beside ${property}[${beside}]: ${why}` };
}

interface Conflict {
  /** The index of the earlier record. */
  readonly beside: number;
  readonly code: InputCode;
  readonly message: string;
}

/** A record beside the earlier ones of its owner. */
interface Candidate {
  readonly record: DnsRecord;
  readonly data: string;
  readonly owner: string;
  readonly ttl: Duration;
}

interface Placed {
  readonly record: DnsRecord;
  readonly index: number;
}

/** The records of one owner so far, by what the next one is compared with. */
class EarlierRecords {
  /** The first record of each type with each data. */
  readonly #same = new Map<string, Placed>();
  /** Of each type, the first record with each TTL; those with another than the first are few. */
  readonly #ttls = new Map<string, Map<Duration | undefined, Placed>>();

  constructor(private readonly property: string) {}

  /** Why a record cannot stand beside them: the conflict with the first of them that it has one with. */
  conflictWith({ record, data, owner, ttl }: Candidate): Conflict | undefined {
    const same = this.#same.get(`${record.type} ${data}`);
    const ofType = [...(this.#ttls.get(record.type)?.values() ?? [])];
    const own = record.ttl ?? ttl;
    const other = ofType.find((each) => (each.record.ttl ?? ttl) !== own);
    const [first] = [same, other].filter((each) => each !== undefined).sort((a, b) => a.index - b.index);
    if (first === undefined) return undefined;
    const named = `${this.property}[${first.index}]`;
    if (first === same) {
      return {
        beside: first.index,
        code: "DNSLB112",
        message: `must be unique, got the same record of ${owner} as ${named}`,
      };
    }
    return {
      beside: first.index,
      code: "DNSLB123",
      message: `must have the TTL of ${named}, because records of one name and type are one RRset (RFC 2181), got "${own}"`,
    };
  }

  add(record: DnsRecord, data: string, index: number): void {
    const placed = { record, index };
    const key = `${record.type} ${data}`;
    if (!this.#same.has(key)) this.#same.set(key, placed);
    const ttls = this.#ttls.get(record.type) ?? new Map<Duration | undefined, Placed>();
    this.#ttls.set(record.type, ttls);
    if (!ttls.has(record.ttl)) ttls.set(record.ttl, placed);
  }
}

/** Reports a likely missing final dot: `www.example.com` would mean `www.example.com.example.com.`. */
function reportMissingDot(name: string, zone: string, index: number, report: Report): void {
  const bare = nameInZone("@", zone).slice(0, -1);
  const written = name.toLowerCase();
  if (bare === "" || (written !== bare && !written.endsWith(`.${bare}`))) return;
  report(
    "DNSLB123",
    ["records", index],
    `holds the name "${name}", which has no final dot and so stands for ${nameInZone(name, zone)}; did you mean "${name}."?`,
  );
}

interface Delegation {
  readonly zone: string;
  /** The owners of address records. */
  readonly addressed: ReadonlySet<string>;
  readonly index: number;
}

/** Reports a name server inside the zone that has no address record there. */
function checkAddress(record: DnsRecord, { zone, addressed, index }: Delegation, report: Report): void {
  for (const target of record.data.flatMap(nameOf).map((name) => nameInZone(name, zone))) {
    if (!isInZone(target, zone) || addressed.has(target)) continue;
    report(
      "DNSLB123",
      ["records", index],
      `names the server ${target}, which has no address in the zone; add a DnsRecord.a() or DnsRecord.aaaa()`,
    );
  }
}

function nameOf(datum: RecordDatum): readonly string[] {
  return datum.kind === "name" ? [datum.name] : [];
}

function dataOf({ data }: DnsRecord, zone: string): string {
  return JSON.stringify(data.map((datum) => (datum.kind === "name" ? nameInZone(datum.name, zone) : datum)));
}
