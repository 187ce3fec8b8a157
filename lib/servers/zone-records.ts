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
  for (const [index, record] of records.entries()) {
    const owner = owners[index] ?? apex;
    if (!isInZone(owner, zone)) {
      report("DNSLB123", ["records", index], `must be in the zone ${apex}, got ${owner}`);
    }
    for (const name of [record.name, ...record.data.flatMap(nameOf)]) reportMissingDot(name, zone, index, report);
    const conflict = records
      .slice(0, index)
      .flatMap((earlier, other) =>
        owners[other] === owner ? conflictOf(record, earlier, { zone, owner, ttl, other }) : [],
      )
      .at(0);
    if (conflict !== undefined) report(conflict.code, ["records", index], conflict.message);
    if (record.type === "NS") checkAddress(record, { zone, owners, records, index }, report);
  }
}

interface Pair {
  readonly zone: string;
  readonly owner: string;
  readonly ttl: Duration;
  readonly other: number;
}

interface Conflict {
  readonly code: InputCode;
  readonly message: string;
}

/** Why a record cannot stand beside an earlier one of the same owner. */
function conflictOf(record: DnsRecord, earlier: DnsRecord, { zone, owner, ttl, other }: Pair): readonly Conflict[] {
  const isSameType = record.type === earlier.type;
  if (isSameType && dataOf(record, zone) === dataOf(earlier, zone)) {
    return [{ code: "DNSLB112", message: `must be unique, got the same record of ${owner} as records[${other}]` }];
  }
  if (record.type === "CNAME" || earlier.type === "CNAME") {
    return [
      {
        code: "DNSLB123",
        message: `cannot be at ${owner} beside records[${other}]: a name with a CNAME record has no other records`,
      },
    ];
  }
  if (!isSameType || (record.ttl ?? ttl) === (earlier.ttl ?? ttl)) return [];
  return [
    {
      code: "DNSLB123",
      message: `must have the TTL of records[${other}], because records of one name and type are one RRset (RFC 2181), got "${record.ttl ?? ttl}"`,
    },
  ];
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
  readonly owners: readonly string[];
  readonly records: readonly DnsRecord[];
  readonly index: number;
}

/** Reports a name server inside the zone that has no address record there. */
function checkAddress(record: DnsRecord, { zone, owners, records, index }: Delegation, report: Report): void {
  for (const target of record.data.flatMap(nameOf).map((name) => nameInZone(name, zone))) {
    const isKnown = records.some(({ type }, at) => (type === "A" || type === "AAAA") && owners[at] === target);
    if (!isInZone(target, zone) || isKnown) continue;
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
