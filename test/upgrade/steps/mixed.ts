import type { Step } from "../step.js";

/** One node is new and one as before: each takes the addresses from the other, as an operator wants. */
export const mixed: Step = {
  name: "mixed pair",
  title: ({ first, second }) => `${first} new, ${second} as before: each takes over from the other`,
  run: async (pair, { first, second }) => {
    let moves = 0;
    for (const name of [first, second]) {
      moves += await pair.makeLeader(name);
      await pair.ask();
    }
    await pair.settle();
    return { moves };
  },
};
