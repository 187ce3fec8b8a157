import { must, type Roles, type Step } from "../step.js";

/** A node gets the agent of before, which finds the release that it knows. */
function oldAgent(which: keyof Roles): Step {
  return {
    name: "old agent",
    title: (roles) => `${roles[which]}: the agent of before`,
    run: async (pair, roles) => {
      const name = roles[which];
      const { moves } = await pair.replace(name, pair.before);
      const said = await pair.apply(name, pair.before);
      must(said.includes("unchanged "), `the release before, which is live, says: ${said}`);
      await pair.ask();
      return { moves, said };
    },
  };
}

/** The nodes in the order in which they were upgraded. */
export const oldAgents: readonly Step[] = [oldAgent("first"), oldAgent("second")];
