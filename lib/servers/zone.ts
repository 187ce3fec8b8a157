import type { Duration } from "../core/duration.js";
import { canonicalDomainName, isDomainName, nameInZone } from "../core/names.js";
import type * as model from "../model/zone.js";
import { factoryMade } from "../terraform/brand.js";
import { domainName, integer, madeBy } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { field, keptAs, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { DNS_RECORD, type DnsRecord, TTL } from "./dns-record.js";
import { TRANSFER_PEER, type TransferPeerOptions } from "./transfer-peer.js";
import { zoneFileText } from "./zone-file.js";
import { checkRecords } from "./zone-records.js";

/** A zone of an `NsdServer`. */
export type Zone = model.Zone;

/** Options for `Zone.fromFile()`. */
export interface FileZoneOptions {
  /** The name of the zone. */
  readonly name: string;
  /**
   * The zone file (RFC 1035, 5), read at synthesis. A relative path is resolved from the working directory of the app.
   */
  readonly path: string;
}

/** Options for `Zone.fromRecords()`. */
export interface RecordsZoneOptions {
  /** The name of the zone. */
  readonly name: string;
  /** The records of the zone without the SOA record; at least an NS record of the zone itself. */
  readonly records: readonly DnsRecord[];
  /**
   * The serial of the zone. Secondary servers only transfer a zone when its serial increases, so a transferred zone
   * needs one that you increase with every change. Between 1 and 4294967295.
   * @default - a hash of the records
   * @see https://www.rfc-editor.org/rfc/rfc1982
   */
  readonly serial?: number;
  /**
   * The name of the primary server.
   * @default - the target of the first NS record of the zone itself
   */
  readonly primaryServer?: string;
  /**
   * The mailbox of the person responsible for the zone.
   * @default - "hostmaster" at the zone's name
   */
  readonly contact?: string;
  /**
   * The TTL of records without one of their own.
   * @default "1h"
   */
  readonly ttl?: Duration;
  /**
   * How long resolvers may cache that a name or type does not exist.
   * @default "5m"
   * @see https://www.rfc-editor.org/rfc/rfc2308
   */
  readonly negativeTtl?: Duration;
  /**
   * How often secondary servers check the serial, beside NOTIFY.
   * @default "1h"
   */
  readonly refresh?: Duration;
  /**
   * How soon secondary servers check again after a failure.
   * @default "15m"
   */
  readonly retry?: Duration;
  /**
   * How long secondary servers answer for the zone without contact to the primary server.
   * @default "14d"
   */
  readonly expire?: Duration;
}

/** Options for `Zone.fromPrimary()`. */
export interface SecondaryZoneOptions {
  /** The name of the zone. */
  readonly name: string;
  /** The primary servers of the zone; at least one. They may send NOTIFY. */
  readonly primaries: readonly TransferPeerOptions[];
}

/** Makes zones for an `NsdServer`. */
export const Zone = {
  /**
   * Uses a zone file as it is; increase its serial with every change. What a supported version of NSD refuses is an error:
   * `$INCLUDE`, `$GENERATE`, names outside of the zone, types that it does not know, TTLs with several units.
   */
  fromFile(options: FileZoneOptions): Zone {
    let text = "";
    const { name } = parseOptions(
      {
        name: "Zone.fromFile()",
        schema: FROM_FILE,
        check: (value, report) => {
          text = zoneFileText(value, report);
        },
      },
      options,
    );
    return primary(name, { kind: "file", text });
  },

  /** Makes a zone of records; the SOA record is added. */
  fromRecords(options: RecordsZoneOptions): Zone {
    const { name, records, primaryServer, contact, ...rest } = parseOptions(FROM_RECORDS, options);
    return primary(name, {
      kind: "records",
      soa: {
        primaryServer: primaryServer ?? firstServer(name, records),
        contact: contact ?? nameInZone("hostmaster", name),
        ...rest,
      },
      records,
    });
  },

  /** Transfers a zone from servers that the app does not deploy. */
  fromPrimary(options: SecondaryZoneOptions): Zone {
    return factoryMade("Zone", { kind: "secondary", ...parseOptions(FROM_PRIMARY, options) });
  },
} as const;

/** The schema of a zone. */
export const ZONE = madeBy<Zone>("Zone", "Zone.fromFile(), Zone.fromRecords() or Zone.fromPrimary()");

function primary(name: string, content: model.ZoneContent): Zone {
  return factoryMade("Zone", { kind: "primary", name, content });
}

function firstServer(name: string, records: readonly DnsRecord[]): string {
  const apex = nameInZone("@", name);
  const record = records.find((each) => each.type === "NS" && nameInZone(each.name, name) === apex);
  const [target] = record?.data ?? [];
  return target?.kind === "name" ? nameInZone(target.name, name) : apex;
}

const FROM_FILE = object<FileZoneOptions>()({
  name: domainName,
  path: field<string>({
    code: "DNSLB109",
    type: "string",
    allowed: "the path of a file",
    accepts: (value) => typeof value === "string" && /^[^\p{Cc}]+$/u.test(value),
  }),
});

const FROM_RECORDS = input({
  name: "Zone.fromRecords()",
  schema: object<RecordsZoneOptions>()({
    name: domainName,
    records: listOf(DNS_RECORD),
    serial: optional(integer(1, 4_294_967_295)),
    primaryServer: optional(domainName),
    contact: optional(
      keptAs(
        field<string>({
          code: "DNSLB109",
          type: "string",
          allowed: 'a mailbox with no dot before the "@", such as "hostmaster@example.com"',
          accepts: (value) =>
            typeof value === "string" &&
            /^[A-Za-z0-9_-]{1,63}@/.test(value) &&
            isMailDomain(value.replace(/^[^@]*@/, "")),
        }),
        (mailbox) => canonicalDomainName(mailbox.replace("@", ".")),
      ),
    ),
    ttl: withDefault(TTL, "1h"),
    negativeTtl: withDefault(TTL, "5m"),
    refresh: withDefault(TTL, "1h"),
    retry: withDefault(TTL, "15m"),
    expire: withDefault(TTL, "14d"),
  }),
  check: ({ name, records, ttl, contact }, report) => {
    checkRecords(name, records, ttl, report);
    checkContact(name, contact, report);
  },
});

/** Reports a mailbox that is too long as the name that it becomes in the SOA record. */
function checkContact(zone: string, contact: string | undefined, report: Report): void {
  const name = contact?.replace("@", ".") ?? nameInZone("hostmaster", zone);
  if (isDomainName(name) || !isDomainName(zone)) return;
  if (contact !== undefined && name.length <= 254) return;
  report("DNSLB109", ["contact"], `must be a mailbox of at most 253 characters, got ${name.length}: ${name}`);
}

function isMailDomain(text: string): boolean {
  return text !== "." && isDomainName(text);
}

const FROM_PRIMARY = input({
  name: "Zone.fromPrimary()",
  schema: object<SecondaryZoneOptions>()({ name: domainName, primaries: listOf(TRANSFER_PEER) }),
  check: ({ primaries }, report) => {
    if (primaries.length > 0) return;
    report("DNSLB111", ["primaries"], "must hold at least one server, got an empty list");
  },
});
