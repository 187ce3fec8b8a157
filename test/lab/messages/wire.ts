import { createHmac } from "node:crypto";

/** Bits of a header's second word (RFC 1035, 4.1.1; RFC 4035, 3). */
export const BIT = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, z: 0x0040, ad: 0x0020, cd: 0x0010 };
export const TYPE: Readonly<Record<string, number>> = {
  ...{ A: 1, NS: 2, CNAME: 5, SOA: 6, NULL: 10, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, OPT: 41 },
  ...{ DS: 43, RRSIG: 46, DNSKEY: 48, SVCB: 64, HTTPS: 65, TKEY: 249, TSIG: 250, IXFR: 251, AXFR: 252, ANY: 255 },
  ...{ CAA: 257 },
};

export function u16(...numbers: readonly number[]): Buffer {
  return Buffer.from(numbers.flatMap((number) => [(number >> 8) & 0xff, number & 0xff]));
}

export function u32(number: number): Buffer {
  return u16(Math.floor(number / 0x10000), number & 0xffff);
}

/** An uncompressed name. */
export function name(text: string): Buffer {
  const labels = text.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Buffer.of(0),
  ]);
}

export function question(owner: string | Buffer = "www.example.com", type = 1, dnsClass = 1): Buffer {
  return Buffer.concat([typeof owner === "string" ? name(owner) : owner, u16(type, dnsClass)]);
}

export function record(owner: string, type: number, dnsClass: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([name(owner), u16(type, dnsClass), u32(ttl), u16(data.length), data]);
}

export interface Opt {
  readonly size?: number;
  readonly version?: number;
  readonly dnssecOk?: boolean;
  readonly flags?: number;
  readonly options?: Buffer;
}

/** An OPT record (RFC 6891). */
export function opt({
  size = 1232,
  version = 0,
  dnssecOk = false,
  flags = 0,
  options = Buffer.alloc(0),
}: Opt = {}): Buffer {
  return record("", 41, size, version * 0x10000 + (dnssecOk ? 0x8000 : 0) + flags, options);
}

export function option(code: number, data: Buffer | string = ""): Buffer {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return Buffer.concat([u16(code, bytes.length), bytes]);
}

export interface Parts {
  readonly id?: number;
  readonly flags?: number;
  readonly opcode?: number;
  readonly questions?: readonly Buffer[];
  readonly answers?: readonly Buffer[];
  readonly authority?: readonly Buffer[];
  readonly additional?: readonly Buffer[];
  /** Counts that differ from what is there. */
  readonly counts?: readonly [number, number, number, number];
  readonly trailing?: Buffer;
}

export function message(parts: Parts = {}): Buffer {
  const { id = 0x1234, flags = BIT.rd, opcode = 0, questions = [question()] } = parts;
  const { answers = [], authority = [], additional = [], trailing = Buffer.alloc(0) } = parts;
  const counts = parts.counts ?? [questions.length, answers.length, authority.length, additional.length];
  const header = u16(id, flags | (opcode << 11), ...counts);
  return Buffer.concat([header, ...questions, ...answers, ...authority, ...additional, trailing]);
}

/** A key that only the tests have. */
export interface Key {
  readonly name: string;
  readonly secret: Buffer;
}

const ALGORITHM = "hmac-sha256";

function tsigVariables(key: Key, seconds: number, error = 0): Buffer {
  const time = Buffer.concat([u16(0), u32(seconds)]);
  return Buffer.concat([name(key.name), u16(255), u32(0), name(ALGORITHM), time, u16(300, error, 0)]);
}

/** Adds a TSIG record (RFC 8945) to a message, which is `now` seconds old since 1970. */
export function signed(unsigned: Buffer, key: Key, now: number): Buffer {
  const mac = createHmac("sha256", key.secret).update(unsigned).update(tsigVariables(key, now)).digest();
  const data = Buffer.concat([
    ...[name(ALGORITHM), u16(0), u32(now), u16(300, mac.length), mac, unsigned.subarray(0, 2), u16(0, 0)],
  ]);
  const result = Buffer.concat([unsigned, record(key.name, 250, 255, 0, data)]);
  result.writeUInt16BE(unsigned.readUInt16BE(10) + 1, 10);
  return result;
}

/** Tells whether an answer's TSIG record is right for a signed query. */
function verified(answer: Buffer, start: number, query: Buffer, key: Key): boolean {
  const algorithm = name(ALGORITHM);
  const at = start + name(key.name).length + 10 + algorithm.length;
  const seconds = answer.readUInt32BE(at + 2);
  const size = answer.readUInt16BE(at + 8);
  const mac = answer.subarray(at + 10, at + 10 + size);
  const error = answer.readUInt16BE(at + 12 + size);
  const unsigned = Buffer.from(answer.subarray(0, start));
  unsigned.writeUInt16BE(answer.readUInt16BE(10) - 1, 10);
  const asked = query.length - 6 - 32;
  const request = query.subarray(asked, asked + 32);
  const expected = createHmac("sha256", key.secret)
    .update(Buffer.concat([u16(request.length), request, unsigned, tsigVariables(key, seconds, error)]))
    .digest();
  return expected.equals(mac);
}

class Reader {
  at = 12;
  constructor(readonly bytes: Buffer) {}

  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let jumps = 0;
    for (let end = -1; ; ) {
      const length = this.bytes.readUInt8(at);
      if (length >= 0xc0) {
        if (end < 0) end = at + 2;
        at = this.bytes.readUInt16BE(at) & 0x3fff;
        jumps += 1;
        if (jumps > 50) throw new RangeError("loop");
        continue;
      }
      at += 1;
      if (length === 0) {
        this.at = end < 0 ? at : end;
        return `${labels.join(".")}.`;
      }
      labels.push(this.bytes.subarray(at, at + length).toString("latin1"));
      at += length;
    }
  }

  u16(): number {
    this.at += 2;
    return this.bytes.readUInt16BE(this.at - 2);
  }
}

/** What matters of an answer, as text: not its TTLs, its sizes of UDP, nor the order of its records. */
export function summary(answer: Buffer, query: Buffer, key?: Key): string {
  if (answer.length < 12) return `${answer.length} bytes`;
  const flags = answer.readUInt16BE(2);
  const words = [
    answer.subarray(0, 2).equals(query.subarray(0, 2)) ? "" : "another id",
    `rcode ${flags & 0xf}`,
    ((flags >> 11) & 0xf) === 0 ? "" : `opcode ${(flags >> 11) & 0xf}`,
    ...Object.entries(BIT).map(([word, bit]) => ((flags & bit) === 0 ? "" : word)),
  ].filter((word) => word !== "");
  try {
    const reader = new Reader(answer);
    const [questions = 0, ...counts] = [4, 6, 8, 10].map((at) => answer.readUInt16BE(at));
    const parts = [words.join(" ")];
    for (let index = 0; index < questions; index += 1) parts.push(`? ${reader.name()} ${reader.u16()} ${reader.u16()}`);
    for (const [section, count] of counts.entries()) {
      const records: string[] = [];
      for (let index = 0; index < count; index += 1) records.push(recordSummary(reader, query, key));
      if (records.length > 4) records.splice(4, records.length, `and ${records.length - 4} more`);
      if (records.length > 0) parts.push(`${"=+*"[section]} ${records.sort().join(", ")}`);
    }
    if (reader.at < answer.length) parts.push(`${answer.length - reader.at} bytes too many`);
    return parts.join(" | ");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${words.join(" ")} | broken`;
  }
}

function recordSummary(reader: Reader, query: Buffer, key: Key | undefined): string {
  const start = reader.at;
  const owner = reader.name();
  const [type, dnsClass] = [reader.u16(), reader.u16()];
  const extended = [reader.u16(), reader.u16()] as const;
  const length = reader.u16();
  const data = reader.bytes.subarray(reader.at, reader.at + length);
  if (data.length < length) throw new RangeError("cut");
  reader.at += length;
  if (type === 250)
    return `TSIG ${key !== undefined && verified(reader.bytes, start, query, key) ? "valid" : "invalid"}`;
  if (type !== 41) return `${owner} ${type} ${dnsClass} ${data.length} bytes`;
  const options: string[] = [];
  for (let at = 0; at + 4 <= data.length; at += 4 + data.readUInt16BE(at + 2)) {
    options.push(`${data.readUInt16BE(at)}:${data.readUInt16BE(at + 2)}`);
  }
  return ["EDNS", ...[extended[0], extended[1]].map((word) => word.toString(16)), ...options].join(" ");
}
