import { mkdirSync, rmSync } from "node:fs";
import * as net from "node:net";
import { dirname } from "node:path";
import * as dns from "dns-packet";
import { canonicalAddress } from "../../core/ip.js";

/** A query as a server received it. */
export interface LoggedQuery {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The client's address as the server sees it: from the PROXY header, if there was one. */
  readonly client: string;
  readonly transport: "udp" | "tcp" | "dot";
  /** Lower case, fully qualified. */
  readonly name: string;
  readonly type: string;
}

const CONTENT_TYPE = "protobuf:dnstap.Dnstap";
const ACCEPT = 1;
const START = 2;
const STOP = 3;
const READY = 4;
const FINISH = 5;
const CONTENT_TYPE_FIELD = 1;
const KEPT = 200_000;

/**
 * Receives the queries that a server logs by dnstap, which unbound and NSD both support. Servers never wait for the
 * receiver. Frame Streams: each frame follows its length; an empty frame announces a control frame.
 *
 * @see https://dnstap.info and https://farsightsec.github.io/fstrm/
 */
export class QueryLog {
  readonly #server: net.Server;
  readonly #connections = new Set<net.Socket>();
  #queries: LoggedQuery[] = [];
  #since = 0;

  constructor(readonly socket: string) {
    mkdirSync(dirname(socket), { recursive: true });
    rmSync(socket, { force: true });
    this.#server = net.createServer((connection) => this.#serve(connection));
    this.#server.unref();
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.socket, resolve);
    });
  }

  get queries(): readonly LoggedQuery[] {
    return this.#queries;
  }

  /** Forgets the queries that the server has received until now, also those that it has not logged yet. */
  clear(): void {
    this.#since = Date.now();
    this.#queries = [];
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
    this.#server.close();
  }

  #serve(connection: net.Socket): void {
    this.#connections.add(connection);
    connection.unref();
    connection.on("error", () => {});
    connection.on("close", () => this.#connections.delete(connection));
    let rest: Buffer = Buffer.alloc(0);
    connection.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        if (rest.length < 4) return;
        const length = rest.readUInt32BE(0);
        if (length > 0) {
          if (rest.length < 4 + length) return;
          this.#note(rest.subarray(4, 4 + length));
          rest = rest.subarray(4 + length);
          continue;
        }
        if (rest.length < 8 || rest.length < 8 + rest.readUInt32BE(4)) return;
        const control = rest.readUInt32BE(8);
        if (control === READY) connection.write(controlFrame(ACCEPT, CONTENT_TYPE));
        if (control === STOP) connection.end(controlFrame(FINISH));
        if (control === START || control === READY || control === STOP) rest = rest.subarray(8 + rest.readUInt32BE(4));
        else return connection.destroy();
      }
    });
  }

  #note(frame: Buffer): void {
    const query = loggedQuery(frame);
    if (query === undefined || query.time < this.#since) return;
    this.#queries.push(query);
    if (this.#queries.length > KEPT) this.#queries = this.#queries.slice(KEPT / 2);
  }
}

function controlFrame(type: number, contentType?: string): Buffer {
  const words = [type, ...(contentType === undefined ? [] : [CONTENT_TYPE_FIELD, contentType.length])];
  const text = Buffer.from(contentType ?? "");
  const frame = Buffer.alloc(8 + words.length * 4);
  frame.writeUInt32BE(words.length * 4 + text.length, 4);
  words.forEach((word, index) => {
    frame.writeUInt32BE(word, 8 + index * 4);
  });
  return Buffer.concat([frame, text]);
}

type Fields = ReadonlyMap<number, bigint | Buffer>;

/** The fields of a protobuf message; of a repeated field the last value. */
function protobuf(bytes: Buffer): Fields {
  const fields = new Map<number, bigint | Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) fields.set(key >> 3, varint());
    else if (wire === 2) {
      const length = Number(varint());
      fields.set(key >> 3, bytes.subarray(at, at + length));
      at += length;
    } else {
      const length = wire === 1 ? 8 : 4;
      fields.set(key >> 3, BigInt(wire === 5 ? bytes.readUInt32LE(at) : bytes.readBigUInt64LE(at)));
      at += length;
    }
  }
  return fields;
}

/** Decodes a dnstap message; the numbers are those of dnstap.proto. */
function loggedQuery(frame: Buffer): LoggedQuery | undefined {
  const body = protobuf(frame).get(14);
  if (!Buffer.isBuffer(body)) return undefined;
  const message = protobuf(body);
  const client = message.get(4);
  const wire = message.get(10);
  if (!Buffer.isBuffer(client) || !Buffer.isBuffer(wire)) return undefined;
  const question = questionOf(wire);
  if (question === undefined) return undefined;
  const nanoseconds = message.get(9);
  const seconds = message.get(8);
  const protocol = Number(message.get(3) ?? 1n);
  return {
    time: Number(seconds ?? 0n) * 1_000 + Math.floor(Number(nanoseconds ?? 0n) / 1e6),
    client: addressText(client),
    transport: protocol === 1 ? "udp" : protocol === 3 ? "dot" : "tcp",
    name: `${question.name.replace(/\.$/, "")}.`.toLowerCase(),
    type: question.type,
  };
}

/** The first question of a message, whatever follows it; undefined without one, or if it is malformed. */
function questionOf(wire: Buffer): dns.Question | undefined {
  if (wire.length < 12) return undefined;
  const alone = Buffer.from(wire).fill(0, 6, 12);
  try {
    return dns.decode(alone).questions?.[0];
  } catch {
    return undefined;
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return canonicalAddress(words.join(":"));
}
