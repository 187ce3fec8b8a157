import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, pair, resolverPool, servers } from "./models.js";

const NAME = "t_out_of_service";
const SHARED = "10.0.0.53";
const [DEAD, SURVIVOR] = ["lb1", "lb2"];

/** The pair with some servers, and with further virtual addresses. */
const withServers = (count: number, further: readonly string[] = []): LoadBalancer =>
  pair({
    virtualAddresses: [SHARED, ...further].map((address) => ({ address, interface: "eth0" })),
    frontends: [
      frontend({
        addresses: [SHARED, ...further],
        pool: resolverPool({ servers: servers("resolver", "192.168.1.10", count) }),
      }),
    ],
  });
const outOfService = (model: LoadBalancer, name = DEAD): LoadBalancer => ({
  ...model,
  nodes: model.nodes.map((node) => (node.name === name ? { ...node, outOfService: true } : node)),
});

const before = withServers(2);
let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start([before], { name: NAME });
});
afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});
beforeEach(async () => {
  await lab.apply([before]);
  await lab.waitUntilReady();
});

async function status(node: string) {
  const { stdout, stderr } = await lab.node(node).agent("status", "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}
const configurations = async () => [(await status(DEAD)).configuration, (await status(SURVIVOR)).configuration];

/** The files of a node's live release, by the daemon whose they are. */
async function filesOf(node: string): Promise<string> {
  const { state } = lab.node(node).nodeSpec.profile.paths;
  const find = `cd ${state}/current/ && find . -type f ! -name manifest.json ! -name 'release*' | sort | xargs sha256sum`;
  return (await lab.node(node).exec(["sh", "-c", find])).stdout;
}

test("being out of service changes nothing but what is told of it", async () => {
  const [files, { configuration, services }] = [await filesOf(SURVIVOR), await status(SURVIVOR)];
  expect(files).toContain("keepalived");
  await lab.apply([outOfService(before)]);
  const now = await status(SURVIVOR);
  expect(now).toMatchObject({ configuration, outOfService: [DEAD] });
  expect(now.services.map(({ pid }: { pid: number }) => pid)).toEqual(services.map(({ pid }: { pid: number }) => pid));
  expect(await filesOf(SURVIVOR)).toBe(files);
  expect((await lab.node(SURVIVOR).agent("status")).stdout).toContain(
    "peer 10.0.0.2: lb1 is out of service, gets no changes; back, and serves what it had\n",
  );
});

test.each([
  { what: "servers", changed: withServers(4), leaders: [SURVIVOR] },
  // Adverts of other addresses are refused: until the change, both lead.
  { what: "virtual addresses", changed: withServers(2, ["10.0.0.54"]), leaders: [DEAD, SURVIVOR] },
])(
  "a change of $what reaches the survivor of a dead node, which follows when it is back, and no query is lost",
  async ({ changed, leaders }) => {
    await lab.node(DEAD).kill();
    await lab.takeoverTime();
    await expect(lab.apply([changed])).rejects.toThrow();
    const { configuration } = await status(SURVIVOR);

    await lab.apply([outOfService(changed)]);
    const alone = await status(SURVIVOR);
    expect(alone.configuration).not.toBe(configuration);
    expect(alone).toMatchObject({ outOfService: [DEAD], change: null, drained: false, failedChecks: [] });
    expect((await lab.node(SURVIVOR).agent("status")).stdout).toContain(
      "peer 10.0.0.2: lb1 is out of service, gets no changes; silent\n",
    );
    await lab.waitUntilReady();

    const client = lab.client("10.0.0.77");
    const name = "whoami.dns-lb.test";
    const load = await client.load({ server: SHARED, name, type: "TXT", rate: 200 });
    await lab.node(DEAD).start();
    await lab.waitFor(async () => (await lab.node(DEAD).agent("ready")).status === 0, { timeout: "30s" });
    await lab.takeoverTime();
    expect(await configurations()).toEqual([configuration, alone.configuration]);
    expect(await lab.holders(SHARED)).toEqual(leaders);

    const returned = Date.now();
    await lab.apply([changed]);
    const end = Date.now();
    expect(await configurations()).toEqual([alone.configuration, alone.configuration]);
    expect((await status(SURVIVOR)).outOfService).toEqual([]);
    await lab.waitUntilReady();
    const { lost, sent, lostAt, longestGap, worstDelay, startedAt } = await load.stop();
    const when = { returned: returned - startedAt, changed: end - startedAt, lostAt, longestGap, worstDelay };
    expect(lost, JSON.stringify(when)).toBe(0);
    expect(sent).toBeGreaterThan(1_000);
  },
);

test("a node that dies in the middle of a change leaves the survivor free to take it", async () => {
  const changed = withServers(3, ["10.0.0.54"]);
  const change = lab.apply([changed]);
  change.catch(() => {});
  const marker = join(lab.node(DEAD).nodeSpec.profile.paths.state, "changing");
  await lab.waitFor(() => existsSync(marker), { timeout: "30s", what: "the change is under way" });
  await lab.node(DEAD).kill();
  await expect(change).rejects.toThrow();
  expect(existsSync(marker)).toBe(true);
  const { configuration } = await status(SURVIVOR);

  await lab.apply([outOfService(changed)]);
  const alone = await status(SURVIVOR);
  expect(alone.configuration).not.toBe(configuration);
  await lab.waitUntilReady();

  await lab.node(DEAD).start();
  await lab.waitFor(async () => (await lab.node(DEAD).agent("ready")).status === 0, { timeout: "30s" });
  await lab.apply([changed]);
  expect(await configurations()).toEqual([alone.configuration, alone.configuration]);
  expect([(await status(DEAD)).change, (await status(SURVIVOR)).change]).toEqual([null, null]);
  await lab.waitUntilReady();
});
