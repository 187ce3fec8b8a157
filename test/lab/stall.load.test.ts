import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, resolverPool, servers, standalone } from "./models.js";

const NAME = "t_stall";
const ADDRESS = "10.0.0.2";
const model = standalone({
  nodes: [{ name: "lb1", addresses: [ADDRESS], interface: "eth0" }],
  // The queries that waited come to the servers at once, and these have the kernel's default: so many that none gets more.
  frontends: [
    frontend({ addresses: [ADDRESS], pool: resolverPool({ servers: servers("resolver", "192.168.1.10", 5) }) }),
  ],
});

/** Queries in a second, and for how many milliseconds nobody reads them: more than the kernel's default of 256. */
const RATE = 500;
const STALL = 850;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start([model], { name: NAME });
  await lab.waitUntilReady();
});
afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});

test("queries wait while dnsdist gets no processor time, and none is lost", async () => {
  const query = { server: ADDRESS, name: "whoami.dns-lb.test", type: "TXT", timeout: "5s" } as const;
  const load = await lab.client("10.0.0.77").load({ ...query, rate: RATE, concurrency: 4 });
  const dnsdist = lab.node("lb1").process("dnsdist");
  await sleep(1_000);
  await dnsdist.pause();
  await sleep(STALL);
  await dnsdist.resume();
  await sleep(1_000);
  const { lost, sent, slowest } = await load.stop();
  expect(slowest).toBeGreaterThan(STALL / 2);
  expect(sent).toBeGreaterThan((RATE * STALL) / 1_000);
  expect(lost).toBe(0);
});
