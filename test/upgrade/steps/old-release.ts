import { setTimeout as sleep } from "node:timers/promises";
import { ADDRESS, CLIENT } from "../../lab/production/stack.js";
import type { Pair } from "../pair.js";
import { serverOf, statesOf } from "../status.js";
import { must, type Step } from "../step.js";
import { DRAINED } from "./new-agent.js";

/** Another server of the same pool. */
const OTHER = "authoritative/auth2";
/** Milliseconds until an undrained server has been found well by its probes. */
const PROBED = 10_000;

/**
 * The new agent over the release before: drains of servers, a change to another such release and back, a restart of the
 * container while the node leads, a drain of the node.
 */
export const oldRelease: Step = {
  name: "old release",
  title: ({ first }) => `${first}: the new agent over the release before: drains, a change, a restart`,
  run: async (pair, { first }) => {
    const { release } = await pair.status(first);
    const taken = await pair.makeLeader(first);
    await answeredBy(pair, ["auth1", "auth2"]);
    await pair.agent(first, "drain", OTHER);
    await answeredBy(pair, ["auth1"]);
    for (const server of [DRAINED, OTHER]) await pair.agent(first, "undrain", server);
    for (const server of [DRAINED, OTHER]) await untilUp(pair, first, server);
    const changed = await pair.apply(first, pair.beforeChanged);
    const other = await pair.status(first);
    must(
      other.release !== release && other.change === null,
      `a change to a release of before ends in ${other.release}`,
    );
    const back = await pair.agent(first, "rollback");
    must(back.includes(`ready ${release}\n`), `the rollback to ${release} says: ${back}`);
    const { moves: given } = await pair.replace(first, pair.now);
    await pair.agent(first, "drain");
    must((await pair.status(first)).drained, `${first} was drained and tells nothing of it`);
    await pair.agent(first, "undrain");
    must(!(await pair.status(first)).drained, `${first} was undrained and tells nothing of it`);
    return { moves: taken + given, said: changed + back };
  },
};

/** Fails unless it is these servers that answer the public frontend. */
async function answeredBy(pair: Pair, servers: readonly string[]): Promise<void> {
  const asked = { server: ADDRESS.public, name: "whoami.example.com", type: "TXT" } as const;
  const load = await pair.lab.client(CLIENT.world).load({ ...asked, transport: "udp", rate: 60, count: 60 });
  const answering = Object.keys((await load.done).byAnswer).sort();
  must(answering.join() === servers.join(), `${answering.join(", ")} answer instead of ${servers.join(", ")}`);
}

async function untilUp(pair: Pair, name: string, server: string): Promise<void> {
  const end = performance.now() + PROBED;
  for (;;) {
    const seen = serverOf(await pair.status(name), server);
    if (!seen.drained && statesOf(seen).every((state) => state === "up")) return;
    must(performance.now() < end, `${server} was undrained and is ${statesOf(seen).join(", ")}`);
    await sleep(200);
  }
}
