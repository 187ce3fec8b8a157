import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type AgentFile, agentFiles } from "../../node/agent/files.js";
import { makeDirectory } from "./directory.js";
import { LabError } from "./errors.js";
import { programDirectory } from "./names.js";
import { findProgram } from "./requirements.js";

/** The copies of programs that a lab makes. */
export interface LabPrograms {
  /**
   * A copy of unbound, because AppArmor profiles of distributions restrict the program at its original path to its own
   * folders.
   */
  readonly unbound: string;
}

/** Copies programs of this machine, or of the Debian system in the folder `root`, into the lab's program directory. */
export function installPrograms(lab: string, root?: string): LabPrograms {
  const directory = programDirectory(lab);
  makeDirectory(directory);
  const installed = findProgram("unbound", root);
  if (installed === undefined) throw new LabError("unbound is not installed");
  const unbound = join(directory, "unbound");
  copyFileSync(installed, unbound);
  chmodSync(unbound, 0o755);
  return { unbound };
}

/** Installs an agent in a folder; replaces an existing one. */
export function installAgent(folder: string, files: readonly AgentFile[] = agentFiles()): void {
  rmSync(folder, { recursive: true, force: true });
  for (const { path, content, executable } of files) {
    const target = join(folder, path);
    makeDirectory(dirname(target));
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
}
