import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type KeepalivedLine, printKeepalived } from "../../../lib/config/keepalived/index.js";
import type { Lab } from "../../../lib/testing/index.js";
import { isShort } from "../generations.js";
import { all, recover, watchHolders } from "./holders.js";
import { ADDRESS, CLIENT, leaderOf, otherThan, quickModel, sleep, startProduction } from "./stack.js";

const TAKEOVER = 1_500;
/* Who of two nodes hears the other first when they hear each other again is up to chance. */
const HEALS = isShort ? 2 : 4;
/* Two probes of resolvers 1 s apart and the timeout of 0.5 s, two checks of the pool, three adverts; with some margin. */
const SERVERS_LOST = 4_000;

/* Both serve, until one of them leaves and the other tells the neighbours. */
const PARTITION = 500;

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("failover", quickModel());
});
afterAll(() => lab?.stop());
afterEach(() => recover(lab));

/* Queries to one address of each family and side, from clients of theirs. */
async function loads(seconds: number) {
  const common = { name: "www.example.com", rate: 100, seconds } as const;
  const load = (client: string, server: string) => lab.client(client).load({ ...common, server });
  return {
    internal: await load(CLIENT.inside, ADDRESS.internal),
    internal6: await load(CLIENT.inside6, ADDRESS.internal6),
    public: await load(CLIENT.world, ADDRESS.public),
    public6: await load(CLIENT.world6, ADDRESS.public6),
  };
}

/** Lets a node lead, as an operator does. */
async function lead(name: string): Promise<void> {
  const leader = await leaderOf(lab);
  if (leader === name) return;
  await lab.node(leader).agent("drain");
  await lab.waitFor(async () => (await lab.holders(ADDRESS.public6)).join() === name);
  await lab.node(leader).agent("undrain");
  await sleep(1_500);
}

test("the addresses of a killed node answer again within 1.5 s, and stay where they are when it returns", async () => {
  const leader = await leaderOf(lab);
  const running = await loads(5);
  await sleep(1_000);
  await lab.node(leader).kill();
  for (const load of Object.values(running)) {
    const { lost, longestGap } = await load.done;
    expect(lost).toBeGreaterThan(0);
    expect(longestGap).toBeLessThan(TAKEOVER);
  }
  const successor = await leaderOf(lab);
  expect(successor).toBe(otherThan(lab, leader));

  const stop = watchHolders(lab);
  await lab.node(leader).start();
  await sleep(6_000);
  expect(await stop()).toEqual([all(successor)]);
});

test("servers that are dead for both nodes move nothing", async () => {
  const leader = await leaderOf(lab);
  const resolvers = ["resolver1", "resolver2", "resolver3"].map((name) => lab.server(name));
  const stop = watchHolders(lab);
  await Promise.all(resolvers.map((resolver) => resolver.kill()));
  await sleep(12_000);
  await Promise.all(resolvers.map((resolver) => resolver.start()));
  await sleep(6_000);
  expect(await stop()).toEqual([all(leader)]);
});

test("a node that alone loses its servers gives the addresses away, as soon as the other one proves that it has them", async () => {
  const leader = await leaderOf(lab);
  const running = await lab.client(CLIENT.inside).load({
    ...{ name: "www.example.com", server: ADDRESS.internal },
    ...{ rate: 100, seconds: 8 },
  });
  await sleep(1_000);
  await lab.node(leader).partition("both", { from: ["resolver1", "resolver2", "resolver3"] });
  const { lost, longestGap } = await running.done;
  expect(lost).toBeGreaterThan(0);
  expect(longestGap).toBeLessThan(SERVERS_LOST);
  const successor = otherThan(lab, leader);
  expect(await leaderOf(lab)).toBe(successor);
  const { stdout: rules } = await lab.node(successor).agent("dnsdist", "showRules()");
  const [, asked] = /this node: servers of resolvers, asked by the other node +(\d+)/.exec(rules) ?? [];
  expect(Number(asked)).toBeGreaterThan(1);
  await lab.node(leader).heal();
});

test.each(["lb1", "lb2"])(
  "nodes that do not hear each other cost nothing, also when they do again, %s leading",
  async (leader) => {
    await lead(leader);
    for (let heal = 0; heal < HEALS; heal += 1) {
      const running = await loads(5);
      await lab.node(leader).partition("both", { from: [otherThan(lab, leader)] });
      await lab.waitFor(async () => (await lab.holders(ADDRESS.public6)).length === 2);
      await lab.node(leader).heal();
      const reports = await Promise.all(Object.values(running).map(({ done }) => done));
      expect(Math.max(...reports.map(({ longestGap }) => longestGap))).toBeLessThan(PARTITION);
      // The one with the higher address stays.
      expect(await leaderOf(lab)).toBe("lb2");
      await lead(leader);
    }
  },
);

test("a third host's VRRP packets change nothing", async () => {
  const leader = await leaderOf(lab);
  const stranger = "10.0.0.66";
  await lab.client(stranger).query("www.example.com", "A", { server: ADDRESS.internal });
  const directory = mkdtempSync(join(tmpdir(), "stranger-"));
  const file = join(directory, "keepalived.conf");
  writeFileSync(
    file,
    printKeepalived({
      blocks: [
        {
          keyword: "global_defs",
          entries: [
            ["router_id", "stranger"],
            ["vrrp_version", "3"],
          ],
        },
        {
          keyword: "vrrp_instance",
          name: "v4",
          entries: [
            ["state", "MASTER"],
            ["interface", "eth0"],
            ["virtual_router_id", "53"],
            ["priority", "255"],
            ["advert_int", "0.2"],
            ["unicast_src_ip", stranger],
            { keyword: "unicast_peer", entries: [["10.0.0.2"], ["10.0.0.3"]] },
            {
              keyword: "virtual_ipaddress",
              // The list that the nodes advertise: with another one they drop the packets whatever is checked. On lo,
              // where nobody else finds them.
              entries: [ADDRESS.internal, ADDRESS.public].map((own): KeepalivedLine => [`${own}/32`, "dev", "lo"]),
            },
          ],
        },
      ],
    }),
  );
  const namespace = `dnslb-${lab.name}-client-${stranger}`;
  const daemon = [
    "keepalived",
    "--vrrp",
    "--use-file",
    file,
    "--pid",
    join(directory, "a"),
    "--vrrp_pid",
    join(directory, "b"),
  ];
  const stop = watchHolders(lab);
  const running = await loads(5);
  execFileSync("ip", ["netns", "exec", namespace, ...daemon]);
  const reports = await Promise.all(Object.values(running).map(({ done }) => done));
  const pids = execFileSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).trim().split("\n");
  rmSync(directory, { recursive: true });
  const address = execFileSync("ip", ["netns", "exec", namespace, "ip", "-br", "address"], { encoding: "utf8" });
  for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  // It really spoke: alone in its own eyes, it is master.
  expect(address).toContain(`${ADDRESS.internal}/32`);
  expect(reports.map(({ lost }) => lost)).toEqual([0, 0, 0, 0]);
  expect(await stop()).toEqual([all(leader)]);
});
