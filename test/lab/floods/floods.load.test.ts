import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { Lab, LoadReport } from "../../../lib/testing/index.js";
import { all, failedChecks, watchHolders } from "../production/holders.js";
import {
  ADDRESS,
  askOverTls,
  CLIENT,
  leaderOf,
  quickModel,
  sleep,
  startProduction,
  withFrontend,
} from "../production/stack.js";
import { addAddresses, Flood, type FloodPlan, spent, unplug } from "./flood.js";

/* Inside, so that it reaches every listener. */
const FLOODER = "10.0.66.6";
const COUNT = 9_000;
const SECONDS = 6;

/** Neither of the frontends limits a client by itself: what protects the others is the default. */
function unlimitedModel() {
  const unlimited = ({ rateLimit, ...frontend }: Frontend) => frontend;
  return withFrontend(withFrontend(quickModel(), "internal", unlimited), "public", unlimited);
}

let lab: Lab;
let leader: string;
let own: string;

beforeAll(async () => {
  lab = await startProduction("floods", unlimitedModel());
  leader = await leaderOf(lab);
  own = leader === "lb1" ? "10.0.0.2" : "10.0.0.3";
  await lab.client(FLOODER).query("www.example.com", "A", { server: ADDRESS.internal });
});
afterAll(() => lab?.stop());

/** Queries of others, on every listener, for a time. */
async function others(
  seconds: number,
  listeners: readonly (keyof typeof LISTENERS)[],
): Promise<Record<string, number>> {
  const loads = await Promise.all(
    listeners.map(async (name) => {
      const { client, ...load } = LISTENERS[name];
      return [name, await lab.client(client).load({ ...load, seconds, timeout: "2s" })] as const;
    }),
  );
  const lost = await Promise.all(loads.map(async ([name, { done }]) => [name, lostOf(await done)] as const));
  return Object.fromEntries(lost);
}

function lostOf({ sent, byRcode }: LoadReport): number {
  return sent - (byRcode["NOERROR"] ?? 0);
}

const QUERY = { name: "www.example.com", type: "A", connections: "new" } as const;
const LISTENERS = {
  "internal UDP": { ...QUERY, client: CLIENT.inside, server: ADDRESS.internal, transport: "udp", rate: 100 },
  "internal TCP": { ...QUERY, client: CLIENT.inside, server: ADDRESS.internal, transport: "tcp", rate: 20 },
  "internal TLS": { ...QUERY, client: CLIENT.inside, server: ADDRESS.internal, transport: "dot", rate: 10 },
  "public UDP": { ...QUERY, client: CLIENT.world, server: ADDRESS.public, transport: "udp", rate: 100 },
  "public TCP": { ...QUERY, client: CLIENT.world, server: ADDRESS.public, transport: "tcp", rate: 20 },
  "public TLS": { ...QUERY, client: CLIENT.world, server: ADDRESS.public, transport: "dot", rate: 10 },
} as const;
const EVERYTHING = Object.keys(LISTENERS) as readonly (keyof typeof LISTENERS)[];
const NOTHING = (listeners: readonly string[]) => Object.fromEntries(listeners.map((name) => [name, 0]));

/** Floods while others ask, and says what they lost and what moved. */
async function floodedBy(plan: FloodPlan, listeners = EVERYTHING) {
  const stop = watchHolders(lab);
  const before = spent(lab, leader);
  const flood = Flood.start(lab, FLOODER, plan);
  await sleep(1_000);
  const asked = others(plan.seconds - 2, listeners);
  await sleep(1_000);
  const checks = await failedChecks(lab, leader);
  const during = spent(lab, leader);
  const lost = await asked;
  await flood.done;
  return {
    ...{ flood, lost, checks, moved: await stop() },
    descriptors: during.descriptors,
    lines: spent(lab, leader).lines - before.lines,
  };
}

describe("9,000 connections from one host leave everything to the others:", () => {
  test.each<[what: string, plan: () => Omit<FloodPlan, "count" | "seconds">, most: number]>([
    ["silent, to plain TCP", () => ({ kind: "silent", server: ADDRESS.internal, port: 53 }), 1_100],
    ["silent, to inspected TCP", () => ({ kind: "silent", server: ADDRESS.public, port: 53 }), 1_100],
    ["silent, to DNS over TLS", () => ({ kind: "silent", server: ADDRESS.internal, port: 853 }), 1_100],
    ["after the handshake, to DNS over TLS", () => ({ kind: "tls", server: ADDRESS.internal, port: 853 }), 1_100],
    ["a byte each second, to plain TCP", () => ({ kind: "dribble", server: ADDRESS.internal, port: 53 }), 1_100],
    ["after one query, to inspected TCP", () => ({ kind: "asked", server: ADDRESS.public, port: 53 }), 1_100],
    ["silent, to a node's own address", () => ({ kind: "silent", server: own, port: 53 }), 300],
    ["silent, to the statistics", () => ({ kind: "silent", server: own, port: 8404 }), 100],
  ])("%s", async (_, plan, most) => {
    const { flood, lost, checks, moved, descriptors, lines } = await floodedBy({
      ...plan(),
      ...{ count: COUNT, seconds: SECONDS },
    });
    console.log(_, { most: flood.most, opened: flood.opened, lost, checks, moved, descriptors, lines });
    expect(flood.opened, flood.said).toBeGreaterThan(1_000);
    expect(lost).toEqual(NOTHING(EVERYTHING));
    expect(checks).toEqual([]);
    expect(moved).toEqual([all(leader)]);
    expect(flood.most).toBeLessThan(most);
    expect(descriptors).toBeLessThan(5_000);
    expect(lines).toBeLessThan(100);
  });
});

describe("connections from 200 addresses", () => {
  const sources = Array.from({ length: 200 }, (_, index) => `10.0.66.${index + 20}`);
  const flooded = { server: ADDRESS.internal, count: COUNT, seconds: 10, sources };
  const spared = EVERYTHING.filter((name) => name !== "internal TCP");

  beforeAll(() => addAddresses(lab, FLOODER, sources));

  test.each(["silent", "asked"] as const)("cost UDP and other listeners nothing (%s)", async (kind) => {
    const { flood, lost, checks, moved, descriptors, lines } = await floodedBy({ ...flooded, kind, port: 53 }, spared);
    const ended = Date.now();
    console.log(kind, { most: flood.most, opened: flood.opened, lost, checks, moved, descriptors, lines });
    await lab.waitFor(async () => (await answer()) === "NOERROR", { timeout: "15s", what: "the listener answers" });
    console.log("answers after", Date.now() - ended);
    expect(Date.now() - ended).toBeLessThan(10_000);
    expect(flood.most).toBeGreaterThan(1_900);
    expect(lost).toEqual(NOTHING(spared));
    expect(checks).toEqual([]);
    expect(moved).toEqual([all(leader)]);
    expect(descriptors).toBeLessThan(12_000);
    expect(lines).toBeLessThan(100);
  });

  test("that nobody closes block their listener for less than 10 s", async () => {
    const flood = Flood.start(lab, FLOODER, { ...flooded, kind: "silent", port: 53 });
    await sleep(2_000);
    await unplug(lab, FLOODER, "down");
    flood.stop();
    const ended = Date.now();
    try {
      await lab.waitFor(async () => (await answer()) === "NOERROR", { timeout: "20s", what: "the listener answers" });
      console.log("answers after", Date.now() - ended);
      expect(Date.now() - ended).toBeLessThan(10_000);
    } finally {
      await unplug(lab, FLOODER, "up");
    }
    expect((await askOverTls(lab.client(CLIENT.inside), ADDRESS.internal, "www.example.com")).status).toBe("NOERROR");
  });

  async function answer(): Promise<string> {
    const { status } = await lab.client(CLIENT.inside).query("www.example.com", "A", {
      ...{ server: ADDRESS.internal, transport: "tcp", timeout: "1s" },
    });
    return status;
  }
});
