import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { environment } from "./environment.js";
import { LabError } from "./errors.js";
import { holderOf } from "./lock.js";
import { labDirectory, namespaceName, programDirectory } from "./names.js";
import { namespaceNames, processesIn, signalAll } from "./namespace.js";

const KILL_TIMEOUT = 3_000;

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Removes a lab's processes, network namespaces and files. Synchronous, to be usable in an exit handler. */
export function removeLab(name: string): void {
  const namespaces = namespaceNames().filter((candidate) => candidate.startsWith(namespaceName(name, "")));
  for (let waited = 0; ; waited += 10) {
    const left = processesIn(namespaces);
    if (left.length === 0) break;
    if (waited > KILL_TIMEOUT) throw new LabError(`lab "${name}" has processes that do not die: ${left.join(", ")}`);
    signalAll(left, "SIGKILL");
    pause(10);
  }
  if (namespaces.length > 0) {
    const input = namespaces.map((namespace) => `netns delete ${namespace}\n`).join("");
    spawnSync("ip", ["-force", "-batch", "-"], { input, env: environment() });
  }
  rmSync(programDirectory(name), { recursive: true, force: true });
  // Last, because leftovers of a lab are found by this directory.
  rmSync(labDirectory(name), { recursive: true, force: true });
}

/**
 * Removes the leftovers of one lab or of all labs whose runner is dead, and returns their names. A lab with a live
 * runner is kept.
 */
export function removeLeftovers(name?: string): string[] {
  const names = name === undefined ? labNames() : [name];
  const dead = names.filter((candidate) => holderOf(candidate) === undefined);
  for (const candidate of dead) removeLab(candidate);
  return dead;
}

function labNames(): string[] {
  const entries = [labDirectory(""), programDirectory("")].flatMap((path) => {
    const found = readdirSync(dirname(path)).filter((entry) => entry.startsWith(basename(path)));
    return found.map((entry) => entry.slice(basename(path).length));
  });
  return [...new Set(entries)];
}

const running = new Set<string>();

function removeAll(): void {
  for (const name of running) {
    running.delete(name);
    removeLab(name);
  }
}

function onSignal(signal: NodeJS.Signals): void {
  removeAll();
  unhook();
  process.kill(process.pid, signal);
}

function unhook(): void {
  process.off("exit", removeAll);
  process.off("SIGINT", onSignal);
  process.off("SIGTERM", onSignal);
}

/** Removes a lab when this process exits. */
export function removeAtExit(name: string): void {
  if (running.size === 0) {
    process.on("exit", removeAll);
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  }
  running.add(name);
}

/** Cancels `removeAtExit()` for a lab that was removed. */
export function forgetAtExit(name: string): void {
  if (running.delete(name) && running.size === 0) unhook();
}
