import { join } from "node:path";
import { BenchError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { Subject } from "../subjects/subject.js";

/** Connections with one query on each: over TCP, or over TLS with sessions that are new or resumed. */
export type ConnectionKind = "plain" | "new" | "resumed";

/** What clients of DNS over TLS trust. */
export interface Trust {
  /** The file of the authority. */
  readonly authority: string;
  /** The name that the certificate must be for. */
  readonly name: string;
}

/* dnsperf waits for a tenth of a second now and then when a connection may carry one query. */
const PROGRAM = join(__dirname, "connections.py");
const PROCESSES = 4;
/* Connections of a run that may be reset, as a share: where one client has hundreds a second, a port comes back before the
   daemon has closed what it had there before. */
const TOLERATED_LOSS = 0.01;

/** Connects as often as it is served, and gives how often that was. */
export async function connectionsTo(
  machine: Machine,
  { address, port, name }: Subject,
  kind: ConnectionKind,
  seconds: number,
  trust: Trust,
): Promise<{ readonly connections: number; readonly rate: number }> {
  const words = [address, kind === "plain" ? String(port) : "853", String(seconds), String(PROCESSES), kind];
  const trusted = kind === "plain" ? [] : [trust.authority, trust.name];
  const { stdout, stderr } = await machine.run(["python3", PROGRAM, ...words, ...trusted]);
  return connectionsOf(stdout, kind, `${name}: ${stderr.trim()}`);
}

/** Reads what the program prints; refuses sessions that are not of the kind that is measured. */
export function connectionsOf(output: string, kind: ConnectionKind, what: string) {
  const {
    connections = 0,
    lost = 0,
    resumed = 0,
    failed = 0,
    seconds = 0,
  } = JSON.parse(output) as Record<string, number>;
  if (connections === 0 || failed > 0 || lost > connections * TOLERATED_LOSS) {
    throw new BenchError(`${lost} of ${connections + lost} connections were not served: ${what}`);
  }
  const wrong = kind === "resumed" ? connections - resumed : resumed;
  // The first of each process cannot be resumed.
  if (wrong > Math.max(PROCESSES, connections * 0.01)) {
    throw new BenchError(`${wrong} of ${connections} sessions were not ${kind}: ${what}`);
  }
  return { connections, rate: connections / seconds };
}
