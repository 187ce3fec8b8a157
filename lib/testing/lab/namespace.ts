import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { NAMESPACES } from "./names.js";

/*
 * /proc is read synchronously, so that a lab can be removed in an exit handler, and the list of processes is not out of
 * date between two reads.
 */

function inode(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function processes(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** The processes in some network namespaces, without zombies. */
export function processesIn(namespaces: readonly string[]): number[] {
  const wanted = new Set(
    namespaces.map((name) => inode(join(NAMESPACES, name))).filter((found) => found !== undefined),
  );
  if (wanted.size === 0) return [];
  return processes().filter((pid) => {
    const found = inode(`/proc/${pid}/ns/net`);
    return found !== undefined && wanted.has(found);
  });
}

interface ProcessFacts {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  readonly started: string;
}

function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return {
      pid,
      state: fields[0] ?? "",
      parent: Number(fields[1]),
      session: Number(fields[3]),
      started: fields[19] ?? "",
    };
  } catch {
    return undefined;
  }
}

/** The start time of a process in the kernel's ticks; undefined if the process does not exist or is a zombie. */
export function startOf(pid: number): string | undefined {
  const facts = factsOf(pid);
  return facts === undefined || facts.state === "Z" ? undefined : facts.started;
}

/** A process, its session and all of its descendants, the eldest first. */
export function familyOfProcess(pid: number): number[] {
  const all = processes()
    .map(factsOf)
    .filter((facts) => facts !== undefined)
    .filter(({ state }) => state !== "Z");
  const family = new Set(all.filter((facts) => facts.pid === pid || facts.session === pid).map((facts) => facts.pid));
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const facts of all) if (family.has(facts.parent)) family.add(facts.pid);
  }
  return [...family];
}

/** Sends a signal to processes; ignores those that have ended. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {}
  }
}

/** The names of the network namespaces of this machine. */
export function namespaceNames(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return [];
  }
}
