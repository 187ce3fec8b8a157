import { join } from "node:path";
import { command } from "../../../lib/testing/lab/command.js";
import { namespaceName } from "../../../lib/testing/lab/names.js";
import { framed } from "../messages/messages.js";
import { BIT, message, opt, question } from "../messages/wire.js";

/** A question with all that an access rule looks at. */
export interface Asked {
  readonly name?: string;
  /** @default 1, an address */
  readonly type?: number;
  /** @default 1, the Internet */
  readonly class?: number;
  /** @default 0, a query */
  readonly opcode?: number;
  /** @default "plain": EDNS without the bit DO */
  readonly edns?: "none" | "plain" | "dnssec";
}

/** An answer as a client reads it; undefined if there was none. */
export type Told =
  | {
      readonly rcode: number;
      readonly flags: readonly string[];
      /** Type, TTL and data in hexadecimal of each record of the answer section. */
      readonly answers: readonly (readonly [number, number, string])[];
      /** The reason of RFC 8914: its number and text. */
      readonly reason?: readonly [number, string];
    }
  | undefined;

/** Asks one question over a transport, from a client of a lab. */
export async function ask(
  from: { readonly lab: string; readonly client: string },
  server: string,
  transport: "udp" | "tcp",
  { name = "www.example.com", type = 1, class: dnsClass = 1, opcode = 0, edns = "plain" }: Asked,
): Promise<Told> {
  const additional = edns === "none" ? [] : [opt({ dnssecOk: edns === "dnssec" })];
  const query = message({ opcode, questions: [question(name, type, dnsClass)], additional });
  const piece = transport === "udp" ? query : framed(query);
  const exchange = { key: "one", address: server, port: 53, transport, pieces: [[0, piece.toString("hex")]] };
  const inside = ["ip", "netns", "exec", namespaceName(from.lab, `client-${from.client}`)];
  const { stdout } = await command([...inside, "python3", join(__dirname, "..", "messages", "exchange.py")], {
    input: JSON.stringify([{ ...exchange, answers: 1, timeout: 1_500 }]),
  });
  const [answer] = JSON.parse(stdout).one.answers as readonly string[];
  return answer === undefined ? undefined : read(Buffer.from(answer, "hex"));
}

function read(wire: Buffer): Told {
  const flags = wire.readUInt16BE(2);
  const names = Object.entries(BIT).filter(([name, bit]) => name !== "qr" && (flags & bit) !== 0);
  let at = 12;
  for (let count = wire.readUInt16BE(4); count > 0; count -= 1) at = afterName(wire, at) + 4;
  const [answered, authority, additional] = [6, 8, 10].map((offset) => wire.readUInt16BE(offset)) as [
    number,
    number,
    number,
  ];
  const records = Array.from({ length: answered + authority + additional }, () => {
    const start = afterName(wire, at);
    const length = wire.readUInt16BE(start + 8);
    at = start + 10 + length;
    return { type: wire.readUInt16BE(start), ttl: wire.readUInt32BE(start + 4), data: wire.subarray(start + 10, at) };
  });
  const reason = records.filter(({ type }) => type === 41).flatMap(({ data }) => reasonIn(data))[0];
  return {
    rcode: flags & 15,
    flags: names.map(([name]) => name),
    answers: records.slice(0, answered).map(({ type, ttl, data }) => [type, ttl, data.toString("hex")] as const),
    ...(reason === undefined ? {} : { reason }),
  };
}

function afterName(wire: Buffer, start: number): number {
  let at = start;
  while (wire.readUInt8(at) !== 0) {
    if (wire.readUInt8(at) >= 0xc0) return at + 2;
    at += wire.readUInt8(at) + 1;
  }
  return at + 1;
}

/** The extended errors among the options of EDNS. */
function reasonIn(options: Buffer): (readonly [number, string])[] {
  const found: (readonly [number, string])[] = [];
  for (let at = 0; at + 4 <= options.length; ) {
    const end = at + 4 + options.readUInt16BE(at + 2);
    if (options.readUInt16BE(at) === 15)
      found.push([options.readUInt16BE(at + 4), options.toString("utf8", at + 6, end)]);
    at = end;
  }
  return found;
}
