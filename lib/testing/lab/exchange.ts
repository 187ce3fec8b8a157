import * as dgram from "node:dgram";
import { familyOf } from "../../core/ip.js";
import { connect, failureOf, readyEvent, tlsFacts } from "./channel.js";
import type { Answer, Failure, Message, Target } from "./client-protocol.js";
import { type Decoded, Deframer, decodeMessage, encodeMessage, framed } from "./wire.js";

/** Sends messages at once over one socket or connection, and collects the answers. */
export function exchange(target: Target, messages: readonly Message[]): Promise<Answer[]> {
  const ids = new Map<number, number>();
  const first = Math.floor(Math.random() * 0xffff);
  const packets = messages.map((message, index) => {
    const id = (first + index) & 0xffff;
    ids.set(id, index);
    return encodeMessage(id, message);
  });
  const ledger = new Ledger(messages, ids);
  return target.transport === "udp" ? overUdp(target, packets, ledger) : overStream(target, packets, ledger);
}

class Ledger {
  readonly #started = process.hrtime.bigint();
  readonly #answers: Answer[] = [];
  readonly #open: Set<number>;
  readonly #soas = new Map<number, number>();

  constructor(
    private readonly messages: readonly Message[],
    private readonly ids: ReadonlyMap<number, number>,
  ) {
    this.#open = new Set(messages.keys());
  }

  /** Records a received message; returns true when all answers are complete. */
  note(decoded: Decoded | undefined, facts: Pick<Answer, "alpn" | "tlsVersion">): boolean {
    const question = decoded === undefined ? undefined : this.ids.get(decoded.id);
    if (decoded === undefined || question === undefined) return false;
    const { status, answers, flags, truncated, types } = decoded;
    this.#answers.push({ status, answers, flags, truncated, question, time: this.#elapsed(), ...facts });
    if (this.#isLast(question, status, types)) this.#open.delete(question);
    return this.#open.size === 0;
  }

  /** The answers in the order of arrival, and a failure for every message without an answer. */
  close(failure: Failure, error: string | undefined, facts: Pick<Answer, "alpn" | "tlsVersion">): Answer[] {
    const answered = new Set(this.#answers.map(({ question }) => question));
    const missing = [...this.messages.keys()].filter((question) => !answered.has(question));
    return [
      ...this.#answers,
      ...missing.map((question) => ({
        status: failure,
        answers: [],
        flags: [],
        truncated: false,
        question,
        time: this.#elapsed(),
        ...facts,
        ...(error === undefined ? {} : { error }),
      })),
    ];
  }

  /** A zone transfer starts and ends with the SOA record. */
  #isLast(question: number, status: string, types: readonly string[]): boolean {
    if (this.messages[question]?.type !== "AXFR" || status !== "NOERROR") return true;
    const soas = (this.#soas.get(question) ?? 0) + types.filter((type) => type === "SOA").length;
    this.#soas.set(question, soas);
    return soas >= 2;
  }

  #elapsed(): number {
    return Number(process.hrtime.bigint() - this.#started) / 1e6;
  }
}

function overUdp(target: Target, packets: readonly Buffer[], ledger: Ledger): Promise<Answer[]> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(familyOf(target.server) === "ipv6" ? "udp6" : "udp4");
    const end = (failure: Failure, error?: string) => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.close();
      resolve(ledger.close(failure, error, {}));
    };
    const timer = setTimeout(() => end("TIMEOUT"), target.timeout);
    socket.on("error", (error: NodeJS.ErrnoException) => end(failureOf(error), error.message));
    socket.on("message", (bytes) => {
      if (ledger.note(decodeMessage(bytes), {})) end("TIMEOUT");
    });
    socket.connect(target.port, target.server, () => {
      for (const packet of packets) socket.send(packet);
    });
  });
}

function overStream(target: Target, packets: readonly Buffer[], ledger: Ledger): Promise<Answer[]> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const deframer = new Deframer();
    let facts: ReturnType<typeof tlsFacts> = {};
    const end = (failure: Failure, error?: string) => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.destroy();
      resolve(ledger.close(failure, error, facts));
    };
    const timer = setTimeout(() => end("TIMEOUT"), target.timeout);
    socket.on("error", (error: NodeJS.ErrnoException) => end(failureOf(error), error.message));
    socket.on("close", () => end("CONNECTION-CLOSED"));
    socket.on(readyEvent(target), () => {
      facts = tlsFacts(socket);
      socket.write(Buffer.concat(packets.map(framed)));
    });
    socket.on("data", (chunk: Buffer) => {
      for (const bytes of deframer.push(chunk)) {
        if (ledger.note(decodeMessage(bytes), facts)) return end("CONNECTION-CLOSED");
      }
    });
  });
}
