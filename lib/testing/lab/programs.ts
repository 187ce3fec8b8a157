import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { agentFiles } from "../../node/agent/files.js";
import { makeDirectory } from "./directory.js";
import { LabError } from "./errors.js";
import { programDirectory } from "./names.js";
import { findProgram } from "./requirements.js";

/** The programs that a lab brings along. */
export interface LabPrograms {
  /** The folder of the node agent. */
  readonly agent: string;
  /**
   * A copy of unbound: where AppArmor is in force, distributions let the program at its own path read its own
   * folders alone.
   */
  readonly unbound: string;
}

/** Puts the node agent and the copies of programs where the hosts of a lab find them. */
export function installPrograms(lab: string): LabPrograms {
  const directory = programDirectory(lab);
  const agent = join(directory, "agent");
  for (const { path, content, executable } of agentFiles()) {
    const target = join(agent, path);
    makeDirectory(dirname(target));
    writeFileSync(target, content);
    chmodSync(target, executable ? 0o755 : 0o644);
  }
  const installed = findProgram("unbound");
  if (installed === undefined) throw new LabError("unbound is not installed");
  const unbound = join(directory, "unbound");
  copyFileSync(installed, unbound);
  chmodSync(unbound, 0o755);
  return { agent, unbound };
}
