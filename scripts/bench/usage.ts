import { readFileSync } from "node:fs";

/** Ticks of the kernel in a second: the same on every Linux that Debian makes. */
const TICKS = 100;

/** The seconds of processor time that processes have used, with what those have that they started and that are gone. */
export function processorTime(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(readProcess(pid, "stat")), 0) / TICKS;
}

/** Reads ticks from a line of `/proc/PID/stat`: of the process and of its children, in user mode and in the kernel. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** The MiB of memory that processes have; what several share counts once. */
export function memory(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + kilobytesOf(readProcess(pid, "smaps_rollup")), 0) / 1_024;
}

/** Reads the proportional share of memory from `/proc/PID/smaps_rollup`. */
export function kilobytesOf(rollup: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
}

/** A file of a process; empty if it is gone. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
