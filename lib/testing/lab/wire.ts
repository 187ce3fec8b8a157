import * as dns from "dns-packet";
import type { Message } from "./client-protocol.js";

/** Types that dns-packet supports by number only. */
const NUMBERED: Readonly<Record<string, string>> = { SVCB: "UNKNOWN_64", HTTPS: "UNKNOWN_65" };

const FLAGS = { aa: 1 << 10, tc: 1 << 9, rd: 1 << 8, ra: 1 << 7, ad: 1 << 5, cd: 1 << 4 } as const;

/** The bytes of a DNS message, without the length prefix of TCP. */
export function encodeMessage(id: number, message: Message): Buffer {
  return dns.encode({
    type: "query",
    id,
    flags: (message.opcode << 11) | (message.recursion ? FLAGS.rd : 0),
    questions: [
      {
        name: message.name,
        type: (NUMBERED[message.type] ?? message.type) as dns.RecordType,
        class: message.class as dns.RecordClass,
      },
    ],
    additionals:
      message.bufferSize === 0
        ? []
        : [
            {
              type: "OPT",
              name: ".",
              udpPayloadSize: message.bufferSize,
              flags: 0,
              options: [],
            } as unknown as dns.Answer,
          ],
  });
}

/** A message with its length prefix. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Splits a stream into messages. */
export class Deframer {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 2) {
      const end = 2 + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}

/** A decoded response; only the parts that a lab uses. */
export interface Decoded {
  readonly id: number;
  readonly status: string;
  readonly answers: readonly string[];
  readonly types: readonly string[];
  readonly flags: readonly string[];
  readonly truncated: boolean;
}

const RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
];

/** Decodes a response; undefined if the bytes are not a valid response. */
export function decodeMessage(bytes: Buffer): Decoded | undefined {
  if (bytes.length < 12) return undefined;
  const bits = bytes.readUInt16BE(2);
  if ((bits & 0x8000) === 0) return undefined;
  const flags = Object.entries(FLAGS).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
  const header = {
    id: bytes.readUInt16BE(0),
    status: RCODES[bits & 15] ?? `RCODE${bits & 15}`,
    flags,
    truncated: (bits & FLAGS.tc) !== 0,
  };
  try {
    const records = bytes.readUInt16BE(6) === 0 ? [] : (dns.decode(bytes).answers ?? []);
    return { ...header, answers: records.map(textOf), types: records.map(({ type }) => type) };
  } catch {
    return header.truncated ? { ...header, answers: [], types: [] } : undefined;
  }
}

function textOf(record: dns.Answer): string {
  switch (record.type) {
    case "TXT": {
      const parts = Array.isArray(record.data) ? record.data : [record.data];
      return parts.map((part) => part.toString()).join("");
    }
    case "MX":
      return `${record.data.preference ?? 0} ${record.data.exchange}`;
    case "SRV":
      return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${record.data.target}`;
    case "SOA":
      return `${record.data.mname} ${record.data.rname} ${record.data.serial ?? 0}`;
    default: {
      const data: unknown = "data" in record ? record.data : "";
      return typeof data === "string" ? data : JSON.stringify(data);
    }
  }
}
