import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../../lib/testing/lab/command.js";
import { BenchError } from "../errors.js";
import type { Machine } from "../machine.js";
import { percentileOf } from "../statistics.js";
import type { Subject } from "../subjects/subject.js";

/** How queries are sent. */
export interface Sending {
  readonly transport: "udp" | "tcp" | "dot";
  readonly seconds: number;
  /** Queries per second. @default - as many as are answered */
  readonly rate?: number;
  /** Addresses of the machine, each of which is a client of its own. @default - all queries come from one address */
  readonly sources?: readonly string[];
}

/** What came of it. */
export interface Received {
  /** Answers per second. */
  readonly rate: number;
  /** All answers. */
  readonly answered: number;
}

/** What latencies there were, in seconds. */
export interface Latencies {
  readonly median: number;
  readonly p99: number;
  readonly p999: number;
}

/* Sockets, or connections, and queries without an answer on all of them together. */
const CLIENTS = 8;
const OUTSTANDING = 100;
/* At a fixed rate nothing waits in dnsperf for an answer to something else. */
const OUTSTANDING_AT_RATE = 5_000;
/* Losses of a run that count as noise of the machine, as a share of the queries. */
const TOLERATED_LOSS = 0.01;
const NAMES = 1_000;

/** The records that the queries ask for, as lines of the zone. */
export function records(): string[] {
  return names().map((name) => `${name} A 192.0.2.80`);
}

function names(): string[] {
  return Array.from({ length: NAMES }, (_, index) => `h${index}`);
}

/** Makes load on one machine with dnsperf. */
export class Dnsperf {
  readonly #queries: string;

  constructor(private readonly machine: Machine) {
    this.#queries = machine.write(
      "queries",
      names()
        .map((name) => `${name}.example.com A\n`)
        .join(""),
    );
  }

  /** Asks a subject for a while. Fails if answers were lost, or were no answers. */
  async ask(subject: Subject, { sources = [], ...sending }: Sending): Promise<Received> {
    if (sources.length === 0) return this.#ask(this.#command(subject, sending), subject);
    const shares = sources.map((source) => [...this.#command(subject, sending, sources.length), "-a", source]);
    const all = await Promise.all(shares.map((share) => this.#ask(share, subject)));
    return {
      rate: all.reduce((sum, { rate }) => sum + rate, 0),
      answered: all.reduce((sum, { answered }) => sum + answered, 0),
    };
  }

  async #ask(command: readonly string[], { name }: Subject): Promise<Received> {
    const { stdout } = await this.machine.run(command);
    return receivedOf(stdout, name);
  }

  /** Asks a subject at a fixed rate, and gives how long answers took. */
  async time(subject: Subject, sending: Sending & { readonly rate: number }): Promise<Latencies> {
    const output = join(this.machine.directory, "answers");
    // Into a file, so that nobody takes processor time to read it meanwhile.
    const shell = ["sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh", output];
    await this.machine.run([...shell, ...this.#command(subject, sending), "-v"]);
    const text = readFileSync(output, "utf8");
    rmSync(output);
    receivedOf(text, subject.name);
    return latenciesOf(text);
  }

  #command({ address, port }: Subject, { transport, seconds, rate }: Sending, parts = 1): string[] {
    const words = ["dnsperf", "-s", address, "-p", String(transport === "dot" ? 853 : port), "-d", this.#queries];
    const outstanding = rate === undefined ? OUTSTANDING : OUTSTANDING_AT_RATE;
    return [
      ...words,
      ...["-m", transport, "-c", String(Math.ceil(CLIENTS / parts)), "-q", String(Math.ceil(outstanding / parts))],
      ...["-l", String(seconds), "-t", "2"],
      ...(rate === undefined ? [] : ["-Q", String(rate)]),
    ];
  }
}

/** The version of dnsperf. */
export async function dnsperfVersion(): Promise<string> {
  const { stdout, stderr } = await command(["dnsperf", "-h"], { mayFail: true });
  return /Version (\S+)/.exec(stdout + stderr)?.[1] ?? "unknown";
}

/** Reads what dnsperf prints at its end. */
export function receivedOf(output: string, subject: string): Received {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(output)?.[1];
    if (found === undefined)
      throw new BenchError(`dnsperf did not tell how it went with ${subject}:\n${output.slice(-2_000)}`);
    return Number(found);
  };
  const sent = number(/Queries sent:\s+(\d+)/);
  const completed = number(/Queries completed:\s+(\d+)/);
  const lost = number(/Queries lost:\s+(\d+)/);
  if (completed === 0 || lost > sent * TOLERATED_LOSS) {
    throw new BenchError(`${subject} left ${lost} of ${sent} queries without an answer`);
  }
  const codes = /Response codes:\s+(.*)/.exec(output)?.[1] ?? "none";
  if (codes !== `NOERROR ${completed} (100.00%)`) throw new BenchError(`${subject} answered ${codes}`);
  return { rate: number(/Queries per second:\s+([\d.]+)/), answered: completed };
}

/** Reads the latency of each answer from what dnsperf prints with `-v`. */
export function latenciesOf(output: string): Latencies {
  const seconds = [...output.matchAll(/^> NOERROR \S+ \S+ ([\d.]+)$/gm)].map(([, value]) => Number(value));
  const sorted = seconds.sort((one, other) => one - other);
  if (sorted.length === 0) throw new BenchError("dnsperf told no latencies");
  return { median: percentileOf(sorted, 0.5), p99: percentileOf(sorted, 0.99), p999: percentileOf(sorted, 0.999) };
}
