import { must, type Step } from "../step.js";

/** The second node gets the new agent and the new release, one right after the other. */
export const secondNode: Step = {
  name: "second node",
  title: ({ second }) => `${second}: the new agent and the new release`,
  run: async (pair, { second }) => {
    const { release } = await pair.status(second);
    const replaced = await pair.replace(second, pair.now);
    const taken = await pair.status(second);
    must(taken.release === release, `${second} has release ${taken.release} live instead of ${release}`);
    const { moves, said } = await pair.change(second, () => pair.apply(second, pair.now));
    await pair.settle();
    await pair.ask();
    return { moves: replaced.moves + moves, said };
  },
};
