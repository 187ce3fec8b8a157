import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import { DAEMON_USER, WATCH_USER } from "../../../lib/testing/lab/requirements.js";
import { all, failedChecks, recover, watchHolders } from "./holders.js";
import { leaderOf, otherThan, quickModel, sleep, startProduction } from "./stack.js";

/* A hung daemon fails its check within 1 s; the other node lets three adverts pass. */
const CHECKS = 2_500;

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("checks", quickModel());
});
afterAll(() => lab?.stop());
afterEach(() => recover(lab));

describe.each(["dnsdist", "haproxy"])("a failed check of %s on the leading node", (service) => {
  test.each(["kill", "pause"] as const)(
    "moves both families together after a %s, and nothing moves back",
    async (fault) => {
      const leader = await leaderOf(lab);
      const successor = otherThan(lab, leader);
      const stop = watchHolders(lab);
      await lab.node(leader).process(service)[fault]();
      await sleep(CHECKS);
      expect(await leaderOf(lab)).toBe(successor);
      if (fault === "kill") lab.node(leader).process(service).start();
      else await lab.node(leader).process(service).resume();
      await lab.waitFor(async () => (await failedChecks(lab, leader)).length === 0, {
        timeout: "15s",
        what: "all checks pass again",
      });
      await sleep(1_500);
      const states = await stop();
      expect(states[0]).toBe(all(leader));
      expect(states.at(-1)).toBe(all(successor));
      // On the way some addresses may be on none or on both nodes for a moment, never back again.
      expect(states.filter((state) => state === all(leader))).toHaveLength(1);
    },
  );

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

describe("the watch itself", () => {
  test("is a failed check while it hangs, which only decides between equals", async () => {
    const leader = await leaderOf(lab);
    const successor = otherThan(lab, leader);
    await lab.node(leader).process("watch").pause();
    await lab.waitFor(async () => (await lab.holders("10.0.0.53")).join() === successor, {
      timeout: "15s",
      what: "the addresses go where the watch lives",
    });
    expect(await failedChecks(lab, leader)).toEqual(["watch"]);
    // A node without HAProxy is worse than one that nobody watches.
    await lab.node(successor).process("haproxy").kill();
    await sleep(CHECKS);
    expect(await leaderOf(lab)).toBe(leader);
    await lab.node(leader).process("watch").resume();
  });

  test("moves nothing when it is killed and started again, and tells anew", async () => {
    const leader = await leaderOf(lab);
    const watch = lab.node(leader).process("watch");
    const pulse = async () => Number((await lab.node(leader).exec(["cat", `${run(leader)}/results/watch`])).stdout);
    const stop = watchHolders(lab);
    const before = await pulse();
    await watch.kill();
    watch.start();
    await lab.waitFor(async () => (await pulse()) > before + 1, { what: "the watch lives again" });
    expect(await stop()).toEqual([all(leader)]);
    // It still sees what happens.
    await lab.node(leader).process("haproxy").kill();
    await lab.waitFor(async () => (await failedChecks(lab, leader)).includes("haproxy"), { what: "it sees a death" });
  });
});

describe("a daemon that was taken over", () => {
  test("can neither stop the watch nor write its results, so that its node does not lead when it is dead", async () => {
    const leader = await leaderOf(lab);
    const node = lab.node(leader);
    const watch = String(node.process("watch").pid);
    const as = async (user: string, script: string) =>
      (await node.exec(["setpriv", "--reuid", user, "--regid", user, "--init-groups", "sh", "-c", script])).status ===
      0;
    const results = `${run(leader)}/results`;
    const forgery = `echo 0 >${results}/check-haproxy`;
    expect(await as(WATCH_USER, `kill -0 ${watch} && ls ${results}`)).toBe(true);
    expect(await as(DAEMON_USER, `kill -STOP ${watch}`)).toBe(false);
    expect(await as(DAEMON_USER, forgery)).toBe(false);
    await node.process("haproxy").kill();
    await lab.waitFor(async () => (await failedChecks(lab, leader)).includes("haproxy"), { what: "the watch sees it" });
    expect(await as(DAEMON_USER, `rm -f ${results}/check-haproxy`)).toBe(false);
    expect(await as(DAEMON_USER, forgery)).toBe(false);
    await sleep(CHECKS);
    expect(await leaderOf(lab)).toBe(otherThan(lab, leader));
  });

  test("leaves no core file, nor does any other process of the node", async () => {
    for (const { manifest, profile } of lab.nodes.map(({ nodeSpec }) => nodeSpec)) {
      expect(profile.watchUser).not.toBe(profile.user);
      const node = lab.node(manifest.node);
      for (const { name } of manifest.services) {
        const limits = await node.exec(["cat", `/proc/${node.process(name).pid}/limits`]);
        expect(limits.stdout, name).toMatch(/^Max core file size\s+0\s+0\s/m);
      }
    }
  });
});

const run = (node: string) => lab.node(node).nodeSpec.profile.paths.run;
