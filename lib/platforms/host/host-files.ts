import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type AgentFile, agentFiles } from "../../node/agent/files.js";

/** A file that is put on a host; its path is relative to the folder from which `bootstrap` runs. */
export type HostFile = AgentFile;

const FOLDER = join(__dirname, "files");
const PROGRAMS = ["bootstrap", "remove"];

/** Reads what makes a host a node: the agent, the units and the program that installs them. Sorted by path. */
export function hostFiles(): readonly HostFile[] {
  const own = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(FOLDER, path)).isFile())
    .map((path) => ({
      path,
      content: readFileSync(join(FOLDER, path), "utf8"),
      executable: PROGRAMS.includes(path),
    }));
  const agent = agentFiles().map((file) => ({ ...file, path: `agent/${file.path}` }));
  return [...agent, ...own].sort((a, b) => (a.path < b.path ? -1 : 1));
}
