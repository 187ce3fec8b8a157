import { readFileSync } from "node:fs";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot, from /proc. */
  readonly started: string;
}

/** Names a running process, or nothing when it is gone or a zombie. */
export function processId(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const started = fields[19];
    return fields[0] === "Z" || started === undefined ? undefined : { pid, started };
  } catch {
    return undefined;
  }
}

/** Tells whether exactly this process still runs. */
export function isAlive(id: ProcessId): boolean {
  return processId(id.pid)?.started === id.started;
}

/** Kills exactly this process, if it still runs. */
export function killProcess(id: ProcessId): void {
  if (isAlive(id)) process.kill(id.pid, "SIGKILL");
}
