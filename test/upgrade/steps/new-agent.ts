import { cutShort } from "../cut.js";
import type { Pair } from "../pair.js";
import { serverOf } from "../status.js";
import { must, type Step } from "../step.js";

/** Drained by the agent before, and still drained under the one that follows. */
export const DRAINED = "authoritative/auth3";

/**
 * The first node gets the new agent, which takes up the release that was live: after a change that was cut short and
 * with a server drained, both by the agent before.
 */
export const newAgent: Step = {
  name: "new agent",
  title: ({ first }) => `${first}: a change is cut short, then the new agent takes up the release before`,
  run: async (pair, { first }) => {
    const node = pair.node(first);
    const { release } = await pair.status(first);
    await pair.agent(first, "drain", DRAINED);
    const changed = await pair.apply(first, pair.beforeChanged);
    const said = changed + (await pair.agent(first, "rollback"));
    await cutShort(node);
    const { moves, said: recovered } = await pair.replace(first, pair.now);
    must(recovered.includes(`back to ${release}`), `recover, after the old agent was killed, says: ${recovered}`);
    await takenUp(pair, first, release);
    return { moves, said };
  },
};

async function takenUp(pair: Pair, name: string, release: string): Promise<void> {
  const status = await pair.status(name);
  must(status.release === release, `${name} has release ${status.release} live instead of ${release}`);
  must(status.change === "cut short", `the status of a change that was cut short is ${status.change}`);
  must(!status.drained, `${name} is drained after its start`);
  must(serverOf(status, DRAINED).drained, `${DRAINED} is not drained any more`);
}
