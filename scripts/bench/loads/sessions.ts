import { join } from "node:path";
import { BenchError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { Subject } from "../subjects/subject.js";

/** How sessions are made. */
export interface SessionsOptions {
  readonly kind: "new" | "resumed";
  /** The file of the authority that clients trust, and the name that the certificate must be for. */
  readonly authority: string;
  readonly serverName: string;
  readonly seconds: number;
}

const PROCESSES = 4;
const PROGRAM = join(__dirname, "sessions.py");

/** Opens TLS sessions as fast as they are served, each for one query, and gives how many there were per second. */
export async function sessionsWith(machine: Machine, { address, name }: Subject, options: SessionsOptions) {
  const { kind, authority, serverName, seconds } = options;
  const words = [address, "853", authority, serverName, String(seconds), String(PROCESSES), kind];
  const { stdout, stderr } = await machine.run(["python3", PROGRAM, ...words]);
  return sessionsOf(stdout, kind, `${name}: ${stderr.trim()}`);
}

/** Reads what the program prints; refuses sessions that are not of the kind that is measured. */
export function sessionsOf(output: string, kind: SessionsOptions["kind"], what: string): number {
  const { sessions, resumed, failed, seconds } = JSON.parse(output) as Record<string, number>;
  if (sessions === undefined || resumed === undefined || seconds === undefined || sessions === 0 || failed !== 0) {
    throw new BenchError(`sessions were not served: ${what}`);
  }
  const wrong = kind === "new" ? resumed : sessions - resumed;
  // The first of each process cannot be resumed.
  if (wrong > Math.max(PROCESSES, sessions * 0.01)) {
    throw new BenchError(`${wrong} of ${sessions} sessions were not ${kind}: ${what}`);
  }
  return sessions / seconds;
}
