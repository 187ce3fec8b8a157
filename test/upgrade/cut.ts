import { dirname, join } from "node:path";
import type { LabNode } from "../../lib/testing/index.js";

/* Kills the agent as soon as it has turned the link to the live release. */
const CUT = `
link=$1 before=$(readlink "$1")
shift
"$@" & agent=$!
while [ "$(readlink "$link")" = "$before" ]; do
  kill -0 $agent || exit 1
  sleep 0.01
done
kill -KILL $agent
wait $agent
[ $? = 137 ]`;

/** Applies what was last brought to a node, and kills its agent amid that. */
export async function cutShort(node: LabNode): Promise<void> {
  const { agent, state, run } = node.nodeSpec.profile.paths;
  const apply = [
    join(agent, "dns-lb-agent"),
    "--state",
    state,
    "--run",
    run,
    "apply",
    join(dirname(state), "incoming"),
  ];
  const { status, stdout, stderr } = await node.exec(["sh", "-c", CUT, "sh", join(state, "current"), ...apply]);
  if (status !== 0) throw new Error(`the change of ${node.name} was not cut short: ${stdout}${stderr}`);
}
