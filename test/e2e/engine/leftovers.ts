import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isAlive, killProcess, type ProcessId, processId } from "./process-id.js";

const PREFIX = "dnslb-e2e-engine-";

interface Owners {
  readonly owner: ProcessId;
  readonly init?: ProcessId;
}

/** Makes the directory of one engine and notes whose it is. */
export function makeEngineDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  noteOwners(directory);
  return directory;
}

/** Notes which process started an engine, and its namespace's first process once there is one. */
export function noteOwners(directory: string, init?: ProcessId): void {
  const owner = processId(process.pid);
  if (owner === undefined) throw new Error("cannot read /proc");
  const owners: Owners = init === undefined ? { owner } : { owner, init };
  writeFileSync(join(directory, "owners.json"), JSON.stringify(owners));
}

/** Removes what engines of runs that are no longer alive left behind. */
export function removeLeftovers(): readonly string[] {
  const removed: string[] = [];
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const owners = readOwners(directory);
    if (owners !== undefined && isAlive(owners.owner)) continue;
    if (owners?.init !== undefined) killProcess(owners.init);
    removeEngineDirectory(directory);
    removed.push(directory);
  }
  return removed;
}

/** Removes an engine's directory and control groups, once its namespace is gone. */
export function removeEngineDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  for (const root of controlGroupRoots()) removeGroup(join(root, basename(directory)));
}

function readOwners(directory: string): Owners | undefined {
  try {
    const read: Owners = JSON.parse(readFileSync(join(directory, "owners.json"), "utf8"));
    return read;
  } catch {
    return undefined;
  }
}

function controlGroupRoots(): readonly string[] {
  const top = "/sys/fs/cgroup";
  if (!existsSync(top)) return [];
  return [top, ...directoriesIn(top)];
}

function directoriesIn(parent: string): readonly string[] {
  return readdirSync(parent)
    .map((entry) => join(parent, entry))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

function removeGroup(group: string): void {
  if (!existsSync(group)) return;
  for (const child of directoriesIn(group)) removeGroup(child);
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      rmdirSync(group);
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
