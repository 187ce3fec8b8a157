import { cutShort } from "../cut.js";
import { must, type Step } from "../step.js";

/** The new agent brings the new release, goes back, and is killed amid bringing it again. */
export const changeCutShort: Step = {
  name: "cut short",
  title: ({ first }) => `${first}: the new release, a rollback, and once more, cut short: the restart recovers`,
  run: async (pair, { first }) => {
    const node = pair.node(first);
    const { release } = await pair.status(first);
    const forth = await pair.change(first, () => pair.apply(first, pair.now));
    const back = await pair.change(first, () => pair.agent(first, "rollback"));
    must(back.said.includes(`ready ${release}\n`), `the rollback to ${release} says: ${back.said}`);
    await cutShort(node);
    const { change } = await pair.status(first);
    must(change === "cut short", `the status of a change that was cut short is ${change}`);
    const { moves, said } = await pair.replace(first, pair.now);
    must(said.includes(`back to ${release}`), `recover, after the agent was killed, says: ${said}`);
    const status = await pair.status(first);
    must(status.release === release, `${first} recovered to ${status.release} instead of ${release}`);
    return { moves: forth.moves + back.moves + moves, said: forth.said + back.said };
  },
};
