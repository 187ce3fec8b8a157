import { processesIn, signalAll } from "../../../lib/testing/lab/namespace.js";
import type { Contender } from "../pairs.js";

/** Something that answers queries, or passes them on. */
export interface Subject extends Contender {
  readonly address: string;
  /** The port for plain DNS. */
  readonly port: number;
  /** The network namespace of its processes; absent for what must never stand still, such as a server. */
  readonly namespace?: string;
}

/** The processes of a subject. */
export function processesOf({ namespace }: Subject): number[] {
  return namespace === undefined ? [] : processesIn([namespace]);
}

/** Stops all processes of subjects, so that their probes take nothing from the one that is measured. */
export function freeze(...subjects: readonly Subject[]): void {
  for (const subject of subjects) signalAll(processesOf(subject), "SIGSTOP");
}

/** Lets them go on. */
export function thaw(...subjects: readonly Subject[]): void {
  for (const subject of subjects) signalAll(processesOf(subject), "SIGCONT");
}
