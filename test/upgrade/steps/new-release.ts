import { must, type Step } from "../step.js";

/** The first node gets the new release, as the deployment brings it after the new agent. */
export const newRelease: Step = {
  name: "new release",
  title: ({ first }) => `${first}: the new release`,
  run: async (pair, { first }) => {
    const { release } = await pair.status(first);
    const { moves, said } = await pair.change(first, () => pair.apply(first, pair.now));
    const status = await pair.status(first);
    must(said.includes(`ready ${status.release}\n`), `the new release says: ${said}`);
    must(status.release !== release && status.change === null, `${first} has release ${status.release}`);
    await pair.settle();
    return { moves, said };
  },
};
