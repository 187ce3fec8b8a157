import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { agentFiles } from "../../../lib/node/agent/files.js";

/** Puts the agent into a folder, compiled as in the image of a node; gives the path of its program. */
export function installAgent(folder: string): string {
  for (const { path, content, executable } of agentFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: executable ? 0o755 : 0o644 });
  }
  const compile = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", join(folder, "dnslb_agent")];
  execFileSync("/usr/bin/python3", compile);
  return join(folder, "dns-lb-agent");
}
