import * as dgram from "node:dgram";
import type * as net from "node:net";
import { familyOf } from "../../core/ip.js";
import { connect, readyEvent } from "./channel.js";
import type { LoadPlan, LoadReport, Target } from "./client-protocol.js";
import { Deframer, decodeMessage, encodeMessage, framed } from "./wire.js";

/** Bytes of answers that may come at once, as after a pause of a server, before this process reads them. */
const RECEIVE_BUFFER = 1_048_576;

const PENDING = 0;
const ANSWERED = 1;
const LOST = 2;

interface Sent {
  /** Milliseconds since the start of the load. */
  readonly at: number;
  state: typeof PENDING | typeof ANSWERED | typeof LOST;
}

/** Receives the results of the queries on a line. */
interface Listener {
  answered(query: number, bytes: Buffer): void;
  failed(query: number, how: "refused" | "closed"): void;
  /** A query was sent again on another connection. */
  repeated(): void;
  /** A persistent connection was closed by the other side. */
  broken(): void;
}

/** A socket or connection of a load. */
interface Line {
  send(query: number, message: Buffer): void;
  /** A query on this line was not answered within the timeout. */
  expired(query: number): void;
  close(): void;
}

const TICK = 2;
const SWEEP = 50;
const ID_MASK = 0xffff;
/** How often a query is sent again whose own connection ends: routers may move flows several times in a row. */
const MOST_AGAIN = 3;

/** Sends queries on a fixed schedule, independent of answers, and counts the results. */
export class LoadGenerator implements Listener {
  readonly done: Promise<LoadReport>;
  readonly #started = process.hrtime.bigint();
  readonly #startedAt = Date.now();
  readonly #queries: Sent[] = [];
  readonly #lines: (Line | undefined)[] = [];
  readonly #lineOf = new Map<number, Line>();
  readonly #byRcode: Record<string, number> = {};
  readonly #byAnswer: Record<string, number> = {};
  #finish: (report: LoadReport) => void = () => {};
  #oldest = 0;
  #late = 0;
  #refused = 0;
  #closed = 0;
  #broken = 0;
  #repeated = 0;
  #slowest = 0;
  #worstDelay = 0;
  #stopped = false;
  #sender: NodeJS.Timeout | undefined;
  readonly #sweeper: NodeJS.Timeout;

  constructor(private readonly plan: LoadPlan) {
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP);
    this.#send();
  }

  /** Stops sending; `done` resolves when every query is answered or lost. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#sender);
  }

  answered(query: number, bytes: Buffer): void {
    const sent = this.#queries[query];
    if (sent === undefined || sent.state === ANSWERED) return;
    const took = this.#now() - sent.at;
    // An answer after the timeout is late, even if the next sweep has not marked the query as lost yet.
    if (sent.state === PENDING && took > this.plan.target.timeout) this.#expire(query, sent);
    if (sent.state === LOST) {
      this.#late += 1;
      return;
    }
    const decoded = decodeMessage(bytes);
    if (decoded === undefined) return;
    sent.state = ANSWERED;
    this.#slowest = Math.max(this.#slowest, took);
    this.#release(query);
    this.#byRcode[decoded.status] = (this.#byRcode[decoded.status] ?? 0) + 1;
    const text = decoded.answers.join(" ");
    this.#byAnswer[text] = (this.#byAnswer[text] ?? 0) + 1;
  }

  failed(query: number, how: "refused" | "closed"): void {
    const sent = this.#queries[query];
    if (sent === undefined || sent.state !== PENDING) return;
    sent.state = LOST;
    this.#release(query);
    if (how === "refused") this.#refused += 1;
    else this.#closed += 1;
  }

  repeated(): void {
    this.#repeated += 1;
  }

  broken(): void {
    this.#broken += 1;
  }

  report(): LoadReport {
    const lost = this.#queries.filter(({ state }) => state === LOST);
    return {
      sent: this.#queries.length,
      answered: this.#queries.filter(({ state }) => state === ANSWERED).length,
      lost: lost.length,
      late: this.#late,
      refused: this.#refused,
      closed: this.#closed,
      broken: this.#broken,
      repeated: this.#repeated,
      byRcode: this.#byRcode,
      byAnswer: this.#byAnswer,
      longestGap: this.#longestGap(),
      slowest: this.#slowest,
      lostAt: lost.map(({ at }) => Math.round(at)),
      startedAt: this.#startedAt,
      knownUntil: this.#queries.findLast(({ state }) => state !== PENDING)?.at ?? 0,
      worstDelay: this.#worstDelay,
    };
  }

  #now(): number {
    return Number(process.hrtime.bigint() - this.#started) / 1e6;
  }

  #send(): void {
    const { rate, count = Number.POSITIVE_INFINITY } = this.plan;
    const now = this.#now();
    while (!this.#stopped && this.#queries.length < count) {
      const due = (this.#queries.length * 1_000) / rate;
      if (due > now) break;
      this.#worstDelay = Math.max(this.#worstDelay, now - due);
      this.#sendOne();
    }
    if (this.#queries.length >= count) this.stop();
    if (this.#stopped) return;
    const wait = (this.#queries.length * 1_000) / rate - this.#now();
    this.#sender = setTimeout(() => this.#send(), Math.max(TICK, wait));
  }

  #sendOne(): void {
    const { plan } = this;
    const query = this.#queries.push({ at: this.#now(), state: PENDING }) - 1;
    const name = (plan.names[query % plan.names.length] ?? ".").replaceAll("{n}", String(query));
    const message = encodeMessage(query & ID_MASK, {
      name,
      type: plan.type,
      class: "IN",
      recursion: plan.recursion,
      opcode: 0,
      bufferSize: 1232,
    });
    const line = this.#lineFor(query);
    this.#lineOf.set(query, line);
    line.send(query, message);
  }

  #lineFor(query: number): Line {
    const { target, connections, concurrency, retry } = this.plan;
    if (target.transport !== "udp" && connections === "new") {
      return new StreamLine(target, this, retry === "all" ? "one query with retry" : "one query");
    }
    const slot = query % concurrency;
    const line = this.#lines[slot];
    if (line !== undefined) return line;
    const opened =
      target.transport === "udp"
        ? new UdpLine(target, this)
        : new StreamLine(target, this, retry === false ? "persistent" : "persistent with retry");
    this.#lines[slot] = opened;
    return opened;
  }

  #release(query: number): void {
    this.#lineOf.delete(query);
  }

  #expire(query: number, sent: Sent): void {
    sent.state = LOST;
    this.#lineOf.get(query)?.expired(query);
    this.#release(query);
  }

  #sweep(): void {
    const overdue = this.#now() - this.plan.target.timeout;
    for (; this.#oldest < this.#queries.length; this.#oldest += 1) {
      const sent = this.#queries[this.#oldest];
      if (sent === undefined || (sent.state === PENDING && sent.at > overdue)) break;
      if (sent.state === PENDING) this.#expire(this.#oldest, sent);
    }
    if (this.#stopped && this.#oldest === this.#queries.length) {
      clearInterval(this.#sweeper);
      for (const line of this.#lines) line?.close();
      this.#finish(this.report());
    }
  }

  #longestGap(): number {
    let longest = 0;
    let since: number | undefined;
    for (const { at, state } of this.#queries) {
      if (state === PENDING) continue;
      if (state === LOST) since ??= at;
      if (since !== undefined) longest = Math.max(longest, at - since);
      if (state === ANSWERED) since = undefined;
    }
    return longest;
  }
}

class UdpLine implements Line {
  readonly #socket: dgram.Socket;
  readonly #queries = new Map<number, number>();
  readonly #expired = new Map<number, number>();
  #connected = false;
  #waiting: Buffer[] = [];

  constructor(
    target: Target,
    private readonly listener: Listener,
  ) {
    const type = familyOf(target.server) === "ipv6" ? "udp6" : "udp4";
    this.#socket = dgram.createSocket({ type, recvBufferSize: RECEIVE_BUFFER });
    this.#socket.on("message", (bytes) => {
      const id = bytes.length < 2 ? -1 : bytes.readUInt16BE(0);
      const query = this.#queries.get(id) ?? this.#expired.get(id);
      this.#queries.delete(id);
      this.#expired.delete(id);
      if (query !== undefined) this.listener.answered(query, bytes);
    });
    this.#socket.on("error", () => this.#refuse());
    this.#socket.connect(target.port, target.server, () => {
      this.#connected = true;
      for (const message of this.#waiting) this.#transmit(message);
      this.#waiting = [];
    });
  }

  send(query: number, message: Buffer): void {
    this.#queries.set(message.readUInt16BE(0), query);
    if (this.#connected) this.#transmit(message);
    else this.#waiting.push(message);
  }

  expired(query: number): void {
    const id = query & ID_MASK;
    this.#queries.delete(id);
    this.#expired.set(id, query);
  }

  close(): void {
    this.#socket.close();
  }

  #transmit(message: Buffer): void {
    this.#socket.send(message, (error) => {
      if (error !== null) this.#refuse();
    });
  }

  /** Counts the oldest unanswered query as refused, because the system does not tell which one was. */
  #refuse(): void {
    for (const [id, query] of this.#queries) {
      this.#queries.delete(id);
      this.listener.failed(query, "refused");
      return;
    }
  }
}

/** Whether a connection is for one query, and if not, whether queries that it leaves unanswered are sent again. */
type Reuse = "one query" | "one query with retry" | "persistent" | "persistent with retry";

interface OpenQuery {
  readonly query: number;
  readonly message: Buffer;
  /** How often it was sent again. */
  readonly again: number;
}

class StreamLine implements Line {
  readonly #queries = new Map<number, OpenQuery>();
  #socket: net.Socket | undefined;
  /** False if this side closed the connection, or it was never established: then its end does not count as broken. */
  #established = false;
  /** Whether this side gave up. */
  #left = false;

  constructor(
    private readonly target: Target,
    private readonly listener: Listener,
    private readonly reuse: Reuse,
  ) {}

  send(query: number, message: Buffer): void {
    this.#write({ query, message, again: 0 });
  }

  /** At a timeout the connection is closed, so that the next one reaches the new holder of a virtual address. */
  expired(): void {
    this.#leave();
  }

  close(): void {
    this.#leave();
  }

  #write(open: OpenQuery): void {
    this.#queries.set(open.message.readUInt16BE(0), open);
    this.#socket ??= this.#open();
    this.#socket.write(framed(open.message));
  }

  #leave(): void {
    this.#established = false;
    this.#left = true;
    this.#socket?.destroy();
  }

  #open(): net.Socket {
    const socket = connect(this.target);
    this.#left = false;
    const deframer = new Deframer();
    let ready = false;
    socket.on(readyEvent(this.target), () => {
      ready = true;
      this.#established = this.reuse.startsWith("persistent");
    });
    socket.on("data", (chunk: Buffer) => {
      for (const bytes of deframer.push(chunk)) {
        const id = bytes.length < 2 ? -1 : bytes.readUInt16BE(0);
        const open = this.#queries.get(id);
        if (open === undefined) continue;
        this.#queries.delete(id);
        this.listener.answered(open.query, bytes);
        if (!this.reuse.startsWith("persistent")) socket.end();
      }
    });
    let refused = false;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      refused = !ready && error.code === "ECONNREFUSED";
    });
    socket.on("close", () => {
      const broken = this.#established;
      const open = [...this.#queries.values()];
      this.#socket = undefined;
      this.#established = false;
      this.#queries.clear();
      if (broken) this.listener.broken();
      const ended = this.reuse === "one query with retry" && !refused && !this.#left;
      for (const each of open) {
        if (ended && each.again < MOST_AGAIN) this.#repeat(each);
        else if (broken && this.reuse === "persistent with retry" && each.again === 0) this.#repeat(each);
        else this.listener.failed(each.query, refused ? "refused" : "closed");
      }
    });
    return socket;
  }

  #repeat(open: OpenQuery): void {
    this.listener.repeated();
    this.#write({ ...open, again: open.again + 1 });
  }
}
