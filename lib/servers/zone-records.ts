import type { InputCode } from "../core/codes/index.js";
import type { Duration } from "../core/duration.js";
import { isInZone, nameInZone } from "../core/names.js";
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
  const earlierOf = new Map<string, EarlierRecords>();
  for (const [index, record] of records.entries()) {
    const owner = owners[index] ?? apex;
    if (!isInZone(owner, zone)) {
      report("DNSLB123", ["records", index], `must be in the zone ${apex}, got ${owner}`);
    }
    for (const name of [record.name, ...record.data.flatMap(nameOf)]) reportMissingDot(name, zone, index, report);
    const data = dataOf(record, zone);
    const earlier = earlierOf.get(owner) ?? new EarlierRecords();
    earlierOf.set(owner, earlier);
    const conflict = earlier.conflictWith({ record, data, owner, ttl });
    if (conflict !== undefined) report(conflict.code, ["records", index], conflict.message);
    earlier.add(record, data, index);
    if (record.type === "NS") checkAddress(record, { zone, addressed, index }, report);
  }
}

interface Conflict {
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
  readonly #first: Placed[] = [];
  readonly #cname: Placed[] = [];
  /** The first record of each type with each data. */
  readonly #same = new Map<string, Placed>();
  /** Of each type, the first record with each TTL; those with another than the first are few. */
  readonly #ttls = new Map<string, Map<Duration | undefined, Placed>>();

  /** Why a record cannot stand beside them: the conflict with the first of them that it has one with. */
  conflictWith({ record, data, owner, ttl }: Candidate): Conflict | undefined {
    const same = this.#same.get(`${record.type} ${data}`);
    const cname = record.type === "CNAME" ? this.#first[0] : this.#cname[0];
    const ofType = [...(this.#ttls.get(record.type)?.values() ?? [])];
    const own = record.ttl ?? ttl;
    const other = ofType.find((each) => (each.record.ttl ?? ttl) !== own);
    const [first] = [same, cname, other].filter((each) => each !== undefined).sort((a, b) => a.index - b.index);
    if (first === undefined) return undefined;
    if (first === same) {
      return {
        code: "DNSLB112",
        message: `must be unique, got the same record of ${owner} as records[${first.index}]`,
      };
    }
    if (first === cname) {
      return {
        code: "DNSLB123",
        message: `cannot be at ${owner} beside records[${first.index}]: a name with a CNAME record has no other records`,
      };
    }
    return {
      code: "DNSLB123",
      message: `must have the TTL of records[${first.index}], because records of one name and type are one RRset (RFC 2181), got "${own}"`,
    };
  }

  add(record: DnsRecord, data: string, index: number): void {
    const placed = { record, index };
    if (this.#first.length === 0) this.#first.push(placed);
    if (record.type === "CNAME" && this.#cname.length === 0) this.#cname.push(placed);
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
