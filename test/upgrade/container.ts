import { rmSync } from "node:fs";
import type { AgentFile } from "../../lib/node/agent/files.js";
import type { LabNode, LabProcess } from "../../lib/testing/index.js";
import { installAgent } from "../../lib/testing/lab/programs.js";
import { waitFor } from "../../lib/testing/lab/wait.js";

/** Milliseconds that Docker gives a container to end. */
const GRACE = 10_000;

/**
 * Ends the daemons of a node as its container does when it is told to stop (`lib/platforms/docker/image/start`): the
 * addresses go first. What is left is the state, as on a volume.
 */
export async function stop(node: LabNode): Promise<void> {
  const { status, stderr } = await node.agent("drain", "--for-now", "--wait", "1");
  if (status !== 0) throw new Error(`${node.name} was not drained before its end: ${stderr.trim()}`);
  await end(node);
}

/** Ends the daemons of a node. */
export async function end(node: LabNode): Promise<void> {
  const pids = processesOf(node).flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]));
  await node.exec(["kill", "-TERM", ...pids]);
  const ended = () => processesOf(node).every(({ running }) => !running);
  await waitFor(ended, { what: `all daemons of ${node.name} end`, timeout: GRACE });
  rmSync(node.nodeSpec.profile.paths.run, { recursive: true });
}

/** Starts a node that was stopped, as another container does that has the same state. Gives what its agent said. */
export async function boot(node: LabNode, agent: readonly AgentFile[]): Promise<string> {
  installAgent(node.nodeSpec.profile.paths.agent, agent);
  const { status, stdout, stderr } = await node.agent("recover", "--wait", "1");
  if (status !== 0) throw new Error(`${node.name} did not recover: ${stderr.trim()}`);
  for (const process of processesOf(node)) process.start();
  return stdout;
}

function processesOf(node: LabNode): readonly LabProcess[] {
  return node.nodeSpec.manifest.services.map(({ name }) => node.process(name));
}
