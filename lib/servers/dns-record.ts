import type { Duration } from "../core/duration.js";
import { familyOf } from "../core/ip.js";
import { type DataWord, formOf, refuseData, refuseType } from "../core/records/index.js";
import type * as model from "../model/dns-record.js";
import { address } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { boolean, integer, madeBy, ownerName, port, recordName, wholeSeconds } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { type Field, field, object, oneOf, optional, type Shape, show, withDefault } from "../terraform/schema.js";

/** A resource record, for the zones of an `NsdServer` and the local data of an `UnboundServer`. */
export type DnsRecord = model.DnsRecord;

/** Options that every kind of record takes. */
export interface RecordOptions {
  /**
   * The owner name. In a zone, `"@"` is the zone itself, and a name without a final dot is relative to the zone. In
   * local data, names are fully qualified, with or without the dot.
   */
  readonly name: string;
  /**
   * The TTL: how long resolvers may cache the record. Whole seconds.
   * @default - the `ttl` of the zone, or "5m" in local data
   */
  readonly ttl?: Duration;
}

/** Options for `DnsRecord.a()` and `DnsRecord.aaaa()`. */
export interface AddressRecordOptions extends RecordOptions {
  /** The address. */
  readonly address: string;
}

/** Options for `DnsRecord.cname()`, `DnsRecord.ns()` and `DnsRecord.ptr()`. */
export interface TargetRecordOptions extends RecordOptions {
  /** The target name; in a zone, relative to the zone without a final dot. */
  readonly target: string;
}

/** Options for `DnsRecord.mx()`. */
export interface MxRecordOptions extends RecordOptions {
  /** The name of the mail server; in a zone, relative to the zone without a final dot. */
  readonly exchange: string;
  /**
   * Lower values are tried first. Between 0 and 65535.
   * @default 10
   */
  readonly preference?: number;
}

/** Options for `DnsRecord.srv()`. */
export interface SrvRecordOptions extends TargetRecordOptions {
  /** The port of the service. */
  readonly port: number;
  /**
   * Lower values are tried first. Between 0 and 65535.
   * @default 0
   */
  readonly priority?: number;
  /**
   * The target's share among targets of the same priority. Between 0 and 65535.
   * @default 0
   */
  readonly weight?: number;
}

/** Options for `DnsRecord.txt()`. */
export interface TxtRecordOptions extends RecordOptions {
  /**
   * Any text; more than 255 bytes are split into several strings. A list gives the strings themselves. At most 60000 bytes
   * in all: an answer is one message (RFC 1035, 4.2.2).
   */
  readonly text: string | readonly string[];
}

/** Options for `DnsRecord.caa()`. */
export interface CaaRecordOptions extends RecordOptions {
  /** The property: who may issue certificates, who may issue wildcard certificates, or where to report violations. */
  readonly tag: "issue" | "issuewild" | "iodef";
  /** A certificate authority's domain, `";"` for nobody, or a URL. */
  readonly value: string;
  /**
   * Sets the critical flag: an authority that does not know the tag must not issue.
   * @default false
   */
  readonly critical?: boolean;
}

/** Options for `DnsRecord.other()`. */
export interface OtherRecordOptions extends RecordOptions {
  /**
   * The type: its name, such as `"TLSA"`, if every supported server knows it, or its number, such as `"TYPE65280"`.
   * @see https://www.iana.org/assignments/dns-parameters
   */
  readonly type: string;
  /**
   * The data as in a zone file: words, and texts in double quotes. Domain names must be fully qualified, with a dot. Data
   * of a type that is given by its number are the number of bytes and the bytes (RFC 3597), as `"\\# 2 0a0b"`.
   */
  readonly data: string;
}

/** Makes resource records for zones and local data. */
export const DnsRecord = {
  /** An A record: an IPv4 address. */
  a(options: AddressRecordOptions): DnsRecord {
    return addressRecord("A", "ipv4", options);
  },

  /** An AAAA record: an IPv6 address. */
  aaaa(options: AddressRecordOptions): DnsRecord {
    return addressRecord("AAAA", "ipv6", options);
  },

  /** A CAA record: which authorities may issue certificates (RFC 8659). */
  caa(options: CaaRecordOptions): DnsRecord {
    const { tag, value, critical, ...rest } = parseOptions(CAA, options);
    return record("CAA", rest, [word(critical ? 128 : 0), word(tag), text(value)]);
  },

  /** A CNAME record: an alias of another name. */
  cname(options: TargetRecordOptions): DnsRecord {
    return targetRecord("CNAME", options);
  },

  /** An MX record: a mail server. */
  mx(options: MxRecordOptions): DnsRecord {
    const { exchange, preference, ...rest } = parseOptions(MX, options);
    return record("MX", rest, [word(preference), name(exchange)]);
  },

  /** An NS record: a name server of the zone (at `"@"`), or a delegation of a zone below it. */
  ns(options: TargetRecordOptions): DnsRecord {
    return targetRecord("NS", options);
  },

  /** A record of any other type. */
  other(options: OtherRecordOptions): DnsRecord {
    const { type, data, ...rest } = parseOptions(OTHER, options);
    return record(type, rest, rawData(data));
  },

  /** A PTR record: the name of an address. */
  ptr(options: TargetRecordOptions): DnsRecord {
    return targetRecord("PTR", options);
  },

  /** An SRV record: the host and port of a service (RFC 2782). */
  srv(options: SrvRecordOptions): DnsRecord {
    const { target, port, priority, weight, ...rest } = parseOptions(SRV, options);
    return record("SRV", rest, [word(priority), word(weight), word(port), name(target)]);
  },

  /** A TXT record. */
  txt(options: TxtRecordOptions): DnsRecord {
    const { text: given, ...rest } = parseOptions(TXT, options);
    return record("TXT", rest, (typeof given === "string" ? [given] : given).map(text));
  },
} as const;

const word = (value: string | number): model.RecordDatum => ({ kind: "word", word: String(value) });
const name = (value: string): model.RecordDatum => ({ kind: "name", name: value });
const text = (value: string): model.RecordDatum => ({ kind: "text", text: value });

function record(type: string, { name: owner, ttl }: RecordOptions, data: readonly model.RecordDatum[]): DnsRecord {
  return factoryMade("DnsRecord", { kind: "record", name: owner, type, ...(ttl === undefined ? {} : { ttl }), data });
}

function addressRecord(type: "A" | "AAAA", family: "ipv4" | "ipv6", options: AddressRecordOptions): DnsRecord {
  const { address: given, ...rest } = parseOptions(
    {
      name: `DnsRecord.${type.toLowerCase()}()`,
      schema: object<AddressRecordOptions>()({ ...COMMON, address }),
      check: (value, report) => checkFamily(value, family, report),
    },
    options,
  );
  return record(type, rest, [word(given)]);
}

function checkFamily({ address: given }: AddressRecordOptions, family: "ipv4" | "ipv6", report: Report): void {
  const found = familyOf(given);
  if (found === undefined || found === family) return;
  const wanted = family === "ipv4" ? "IPv4" : "IPv6";
  const other = family === "ipv4" ? "DnsRecord.aaaa()" : "DnsRecord.a()";
  report("DNSLB105", ["address"], `must be ${wanted}, got "${given}"; ${other} takes it`);
}

function targetRecord(type: "CNAME" | "NS" | "PTR", options: TargetRecordOptions): DnsRecord {
  const schema = object<TargetRecordOptions>()({ ...COMMON, target: recordName });
  const { target, ...rest } = parseOptions({ name: `DnsRecord.${type.toLowerCase()}()`, schema }, options);
  return record(type, rest, [name(target)]);
}

/** The schema of a record. */
export const DNS_RECORD = madeBy<DnsRecord>("DnsRecord", "made by DnsRecord, such as DnsRecord.a()");

/** The schema of a TTL. */
export const TTL: Field<Duration> = wholeSeconds("0s", "365d");

const COMMON = { name: ownerName, ttl: optional(TTL) } satisfies Shape<RecordOptions>;
const SHORT = integer(0, 65_535);

const isString = (value: unknown): value is string => typeof value === "string" && !/\p{Cs}/u.test(value);
const fits = (value: unknown) => isString(value) && Buffer.byteLength(value) <= 255;

const TEXT = field<string | readonly string[]>({
  code: "DNSLB109",
  allowed: "text that UTF-8 can hold, or a list of such texts of at most 255 bytes each",
  accepts: (value) => isString(value) || (Array.isArray(value) && value.length > 0 && value.every(fits)),
});

const MX = input({
  name: "DnsRecord.mx()",
  schema: object<MxRecordOptions>()({ ...COMMON, exchange: recordName, preference: withDefault(SHORT, 10) }),
});

const SRV = input({
  name: "DnsRecord.srv()",
  schema: object<SrvRecordOptions>()({
    ...COMMON,
    target: recordName,
    port,
    priority: withDefault(SHORT, 0),
    weight: withDefault(SHORT, 0),
  }),
});

const TXT = input({
  name: "DnsRecord.txt()",
  schema: object<TxtRecordOptions>()({ ...COMMON, text: TEXT }),
  check: ({ text: given }, report) => {
    const bytes = [given].flat().reduce((total, each) => total + Buffer.byteLength(each), 0);
    if (bytes <= LONGEST_TEXTS) return;
    report(
      "DNSLB150",
      ["text"],
      `must be at most ${LONGEST_TEXTS} bytes, because an answer is one message, got ${bytes}`,
    );
  },
});

const LONGEST_TEXTS = 60_000;

const CAA = input({
  name: "DnsRecord.caa()",
  schema: object<CaaRecordOptions>()({
    ...COMMON,
    tag: oneOf<CaaRecordOptions["tag"]>({ issue: true, issuewild: true, iodef: true }),
    value: field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: "text of at most 255 bytes",
      accepts: fits,
    }),
    critical: withDefault(boolean, false),
  }),
});

/** Types that have a factory of their own. */
const OWN_FACTORY = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];

const OTHER = input({
  name: "DnsRecord.other()",
  schema: object<OtherRecordOptions>()({
    ...COMMON,
    type: field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: 'a record type in capitals, such as "TLSA" or "TYPE65280"',
      accepts: (value) => isString(value) && TYPE.test(value) && !isReserved(value),
      fix: (value) => {
        if (value === "SOA") return "Zone.fromRecords() makes the SOA record";
        return OWN_FACTORY.includes(String(value)) ? `use DnsRecord.${String(value).toLowerCase()}()` : undefined;
      },
    }),
    data: field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: 'words and texts in double quotes on one line, without brackets, ";" and "\\"',
      accepts: (value) => isString(value) && isRaw(value),
    }),
  }),
  check: ({ type, data }, report) => {
    if (!TYPE.test(type) || isReserved(type)) return;
    const unknown = refuseType(type);
    if (unknown !== undefined) {
      report(
        "DNSLB150",
        ["type"],
        `must be a type that every supported server knows, got ${JSON.stringify(type)}; ${unknown}`,
      );
    } else if (isRaw(data)) {
      const wrong = refuseData(type, rawData(data).map(wordOf), "record");
      if (wrong === undefined) return;
      report(
        "DNSLB150",
        ["data"],
        `must be the data of a ${type} record, got ${show(data)}: ${wrong}; it takes ${formOf(type)}`,
      );
    }
  },
});

const TYPE = /^[A-Z][A-Z0-9-]{0,15}$/;

function isReserved(type: string): boolean {
  return type === "SOA" || OWN_FACTORY.includes(type);
}

const RAW_WORD = String.raw`(?:[!#-&*-:<-\[\]-~]+|\\#)`;
const RAW_TEXT = String.raw`"[^"\\\p{Cc}]*"`;
/** Words are separated by single spaces. */
const RAW = new RegExp(`^(?:${RAW_WORD}|${RAW_TEXT})(?: (?:${RAW_WORD}|${RAW_TEXT}))*$`, "u");

function isRaw(data: string): boolean {
  return RAW.test(data) && rawData(data).every((each) => fits(bytesOf(each)));
}

function rawData(data: string): model.RecordDatum[] {
  return (data.match(new RegExp(`${RAW_TEXT}|[^" ]+`, "gu")) ?? []).map((part) =>
    part.startsWith('"') ? text(part.slice(1, -1)) : word(part),
  );
}

function wordOf(datum: model.RecordDatum): DataWord {
  const quoted = datum.kind === "text";
  return { text: quoted ? datum.text : datum.kind === "word" ? datum.word : datum.name, quoted };
}

function bytesOf(datum: model.RecordDatum): string {
  return datum.kind === "text" ? datum.text : "";
}
