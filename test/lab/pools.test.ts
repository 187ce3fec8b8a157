import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { detectionTime } from "../../lib/model/health-check.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, frontend, pair, resolverPool, servers } from "./models.js";

const NAME = "t_pools";
const SHARED = "10.0.0.53";
const SECOND = "10.0.0.54";
const POOL_A = ["resolver1", "resolver2"];
const POOL_B = ["auth1", "auth2"];

const resolvers = resolverPool({ servers: servers("resolver", "192.168.1.10", 2) });
const model = pair({
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: SECOND, interface: "eth0" },
  ],
  frontends: [
    frontend({ addresses: [SHARED], pool: resolvers }),
    frontend({
      name: "public",
      addresses: [SECOND],
      pool: authoritativePool({ servers: servers("auth", "192.168.1.20", 2) }),
    }),
  ],
});

/* The probes have noticed, the checks have failed, and VRRP has moved the addresses. */
const NOTICED = 2 * detectionTime(resolvers.healthCheck);

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start([model], { name: NAME });
});
afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});
afterEach(async () => {
  for (const node of lab.nodes) await node.heal();
  await lab.waitUntilReady();
  await lab.waitFor(async () => (await Promise.all(lab.nodes.map(failed))).every((names) => names.length === 0), {
    timeout: "30s",
    what: "no check fails",
  });
});

const failed = async (node: { agent: (typeof lab.nodes)[0]["agent"] }): Promise<readonly string[]> => {
  const { status, stdout } = await node.agent("status", "--json");
  return status === 0 ? JSON.parse(stdout).failedChecks : ["unknown"];
};

async function leaderAndOther() {
  const [leader = "", ...others] = await lab.holders(SHARED);
  expect(others).toEqual([]);
  return [lab.node(leader), lab.node(leader === "lb1" ? "lb2" : "lb1")] as const;
}

/** Who held the shared address while a time passed, one entry for each change. */
async function holdersFor(milliseconds: number): Promise<string[]> {
  const seen: string[] = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const state = (await lab.holders(SHARED)).join("+");
    if (seen.at(-1) !== state) seen.push(state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return seen;
}

describe("addresses stay", () => {
  // Which node notices first is chance.
  test.each([1, 2, 3])("when each node has lost a pool that the other has, at once (%i)", async () => {
    const [leader, other] = await leaderAndOther();
    await Promise.all([leader.partition("both", { from: POOL_A }), other.partition("both", { from: POOL_B })]);
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    expect(await Promise.all([failed(leader), failed(other)])).toEqual([[], []]);
  });

  test("when the other node has lost a pool before, and when both have them back", async () => {
    const [leader, other] = await leaderAndOther();
    await other.partition("both", { from: POOL_A });
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    await leader.partition("both", { from: POOL_B });
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    await Promise.all([leader.heal(), other.heal()]);
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
  });

  test("when both nodes have lost the same pool, or everything", async () => {
    const [leader, other] = await leaderAndOther();
    for (const from of [POOL_A, [...POOL_A, ...POOL_B]]) {
      await Promise.all([leader.partition("both", { from }), other.partition("both", { from })]);
      expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    }
  });
});

/* What the watch and VRRP need beyond the probes: some checks, three adverts. */
const MOVE = 1_500;

describe("addresses move as soon as the probes have noticed", () => {
  test.each([
    ["one pool", POOL_A],
    ["every pool", [...POOL_A, ...POOL_B]],
  ])("when the leader alone has lost %s", async (_, from) => {
    const [leader, other] = await leaderAndOther();
    const start = performance.now();
    await leader.partition("both", { from });
    await lab.waitFor(async () => (await lab.holders(SHARED)).join() === other.name, { timeout: "10s" });
    expect(performance.now() - start).toBeLessThan(detectionTime(resolvers.healthCheck) + MOVE);
    expect(await failed(leader)).toEqual(
      from.length > 2 ? ["pool-resolvers", "pool-authoritative"] : ["pool-resolvers"],
    );
  });

  test("when the other node gets back what both had lost", async () => {
    const [leader, other] = await leaderAndOther();
    await leader.partition("both", { from: POOL_A });
    await other.partition("both", { from: POOL_B });
    await holdersFor(NOTICED);
    const [now, then] = await leaderAndOther();
    await then.heal();
    await lab.waitFor(async () => (await lab.holders(SHARED)).join() === then.name, { timeout: "15s" });
    expect(await failed(now)).toHaveLength(1);
  });
});
