import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type AgentFile, agentFiles } from "../../node/agent/files.js";
import { makeDirectory } from "./directory.js";
import { LabError } from "./errors.js";
import { programDirectory } from "./names.js";
import { findProgram } from "./requirements.js";

/** The programs that a lab brings along. */
export interface LabPrograms {
  /**
   * A copy of unbound: where AppArmor is in force, distributions let the program at its own path read its own
   * folders alone.
   */
  readonly unbound: string;
}

/** Puts the copies of programs where the hosts of a lab find them. */
export function installPrograms(lab: string): LabPrograms {
  const directory = programDirectory(lab);
  makeDirectory(directory);
  const installed = findProgram("unbound");
  if (installed === undefined) throw new LabError("unbound is not installed");
  const unbound = join(directory, "unbound");
  copyFileSync(installed, unbound);
  chmodSync(unbound, 0o755);
  return { unbound };
}

/** Puts an agent in place of the one that a folder has, if any. */
export function installAgent(folder: string, files: readonly AgentFile[] = agentFiles()): void {
  rmSync(folder, { recursive: true, force: true });
  for (const { path, content, executable } of files) {
    const target = join(folder, path);
    makeDirectory(dirname(target));
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
}
