import type { AgentFile } from "../../node/agent/files.js";
import { agentFiles } from "../../node/agent/files.js";

export function hostFiles(): readonly AgentFile[] {
  return agentFiles().map((file) => ({ ...file, path: `agent/${file.path}` }));
}
