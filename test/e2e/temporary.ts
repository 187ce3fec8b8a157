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
import { isAlive, killProcess, type ProcessId, processId } from "./engine/process-id.js";

const PREFIX = "dnslb-e2e-";
const NOTE = ".owners.json";

interface Owners {
  /** The process that uses the directory. */
  readonly owner: ProcessId;
  /** The first process of the namespace that works in it. */
  readonly init?: ProcessId;
}

/** Makes a directory that a later run removes, should this one not come to it. */
export function makeTemporary(kind: string): string {
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${kind}-`));
  noteOwners(directory);
  return directory;
}

/** Notes that a namespace works in a temporary directory and has to end first. */
export function noteOwners(directory: string, init?: ProcessId): void {
  const owner = processId(process.pid);
  if (owner === undefined) throw new Error("cannot read /proc");
  const owners: Owners = init === undefined ? { owner } : { owner, init };
  writeFileSync(join(directory, NOTE), JSON.stringify(owners));
}

/** Removes a temporary directory and the control groups that have its name. */
export function removeTemporary(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  for (const root of controlGroupRoots()) removeGroup(join(root, basename(directory)));
}

/** Removes what runs that are no longer alive left behind. */
export function removeAbandoned(): readonly string[] {
  const removed: string[] = [];
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const owners = readOwners(directory);
    if (owners === undefined || isAlive(owners.owner)) continue;
    if (owners.init !== undefined) killProcess(owners.init);
    removeTemporary(directory);
    removed.push(directory);
  }
  return removed;
}

function readOwners(directory: string): Owners | undefined {
  try {
    const read: Owners = JSON.parse(readFileSync(join(directory, NOTE), "utf8"));
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
