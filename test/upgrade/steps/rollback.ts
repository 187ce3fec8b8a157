import { must, type Step } from "../step.js";

/** Both nodes go back to the release before, the backup first: the agent before reads no other. */
export const rollback: Step = {
  name: "rollback",
  title: () => "both nodes go back to the release before",
  run: async (pair) => {
    const leader = await pair.leader();
    let said = "";
    let moves = 0;
    for (const name of [pair.otherThan(leader), leader]) {
      const done = await pair.change(name, () => pair.agent(name, "rollback"));
      said += done.said;
      moves += done.moves;
      const { release } = await pair.status(name);
      must(release === pair.releases.get(name), `${name} went back to ${release}`);
    }
    await pair.settle();
    return { moves, said };
  },
};
