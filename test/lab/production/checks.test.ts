import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import { all, recover, watchHolders } from "./holders.js";
import { leaderOf, otherThan, quickModel, sleep, startProduction } from "./stack.js";

/* keepalived 2.2 checks once a second and believes the second failure. */
const CHECKS = 4_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("checks", quickModel());
});
afterAll(() => lab?.stop());
afterEach(() => recover(lab));

describe.each(["dnsdist", "haproxy"])("a failed check of %s on the leading node", (service) => {
  test("moves both families together, and nothing moves back when it is well again", async () => {
    const leader = await leaderOf(lab);
    const successor = otherThan(lab, leader);
    const stop = watchHolders(lab);
    await lab.node(leader).process(service).kill();
    await sleep(CHECKS);
    expect(await leaderOf(lab)).toBe(successor);
    lab.node(leader).process(service).start();
    await sleep(5_000);
    expect(await leaderOf(lab)).toBe(successor);
    const states = await stop();
    expect(states[0]).toBe(all(leader));
    expect(states.at(-1)).toBe(all(successor));
    // On the way some addresses may be on none or on both nodes for a moment, never back again.
    expect(states.filter((state) => state === all(leader))).toHaveLength(1);
  });

  test("moves nothing when the other node is as ill", async () => {
    const leader = await leaderOf(lab);
    const stop = watchHolders(lab);
    await lab.node(otherThan(lab, leader)).process(service).kill();
    await sleep(CHECKS);
    await lab.node(leader).process(service).kill();
    await sleep(CHECKS);
    expect(await stop()).toEqual([all(leader)]);
  });
});
