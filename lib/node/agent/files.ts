import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of the node agent; its path is relative to the agent's folder on a node. */
export interface AgentFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}

const PROGRAMS = ["check", "dns-lb-agent"];
const MODULES = "dnslb_agent";

/** Reads the node agent, for platforms that put it on a node. Sorted by path. */
export function agentFiles(): readonly AgentFile[] {
  const modules = readdirSync(join(__dirname, MODULES), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .map((name) => `${MODULES}/${name}`);
  return [...PROGRAMS, ...modules].sort().map((path) => ({
    path,
    content: readFileSync(join(__dirname, path), "utf8"),
    executable: PROGRAMS.includes(path),
  }));
}
