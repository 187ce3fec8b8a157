import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "./errors.js";
import { labDirectory } from "./names.js";
import { startOf } from "./namespace.js";

interface Holder {
  readonly pid: number;
  /** The start time, to tell the process from a later one with the same PID. */
  readonly started: string;
}

function lockFile(name: string): string {
  return join(labDirectory(name), "lock");
}

/** The PID of the live process that runs a lab of this name. */
export function holderOf(name: string): number | undefined {
  try {
    const [pid = "", started = ""] = readFileSync(lockFile(name), "utf8").trim().split(" ");
    return startOf(Number(pid)) === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Locks the name of a lab for this process. Leftovers must have been removed before. */
export function takeLock(name: string): void {
  const directory = labDirectory(name);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const holder: Holder = { pid: process.pid, started: startOf(process.pid) ?? "" };
  const draft = join(directory, `lock.${process.pid}`);
  writeFileSync(draft, `${holder.pid} ${holder.started}\n`);
  try {
    linkSync(draft, lockFile(name));
  } catch {
    throw new LabError(
      `lab "${name}" is already running in process ${holderOf(name) ?? "?"}; stop it, or give this one another name`,
    );
  } finally {
    rmSync(draft, { force: true });
  }
}
