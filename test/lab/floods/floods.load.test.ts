import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { Lab, LoadReport } from "../../../lib/testing/index.js";
import { all, failedChecks, watchHolders } from "../production/holders.js";
import {
  ADDRESS,
  CLIENT,
  leaderOf,
  PASSWORD,
  quickModel,
  sleep,
  startProduction,
  withFrontend,
  withIdleTimeout,
} from "../production/stack.js";
import { addAddresses, Flood, type FloodPlan, mostSpent, spentBy, statisticsStatus, unplug } from "./flood.js";

/* Inside, so that it reaches every listener. */
const FLOODER = "10.0.66.6";
const FLOODER6 = "fd53:66::6";
const COUNT = 9_000;

/** No frontend limits a client by itself: what protects the others is the default. Clients may be idle for long. */
function unlimitedModel() {
  const unlimited = ({ rateLimit, ...frontend }: Frontend) => frontend;
  const model = withFrontend(withFrontend(quickModel(), "internal", unlimited), "public", unlimited);
  return withIdleTimeout(withIdleTimeout(model, "internal", "30s"), "public", "30s");
}

let lab: Lab;
let leader: string;
let own: string;

beforeAll(async () => {
  lab = await startProduction("floods", unlimitedModel());
  leader = await leaderOf(lab);
  own = leader === "lb1" ? "10.0.0.2" : "10.0.0.3";
  await lab.client(FLOODER).query("www.example.com", "A", { server: ADDRESS.internal });
  await lab.client(FLOODER6).query("www.example.com", "A", { server: ADDRESS.public6 });
});
afterAll(() => lab?.stop());

const QUERY = { name: "www.example.com", type: "A", connections: "new", timeout: "2s" } as const;
const INSIDE = { ...QUERY, client: CLIENT.inside, server: ADDRESS.internal } as const;
const WORLD = { ...QUERY, client: CLIENT.world, server: ADDRESS.public } as const;
/** What others ask, by listener. */
const OTHERS = {
  "internal UDP": { ...INSIDE, transport: "udp", rate: 100 },
  "internal TCP": { ...INSIDE, transport: "tcp", rate: 20 },
  "internal TLS": { ...INSIDE, transport: "dot", rate: 10 },
  "public UDP": { ...WORLD, transport: "udp", rate: 100 },
  "public TCP": { ...WORLD, transport: "tcp", rate: 20 },
  "public TLS": { ...WORLD, transport: "dot", rate: 10 },
} as const;
type Listener = keyof typeof OTHERS;
const LISTENERS = Object.keys(OTHERS) as readonly Listener[];
const NOTHING = (listeners: readonly Listener[]) => Object.fromEntries(listeners.map((name) => [name, 0]));

/** The queries of others on these listeners, for some seconds, that got no good answer. */
async function lostOf(listeners: readonly Listener[], seconds: number): Promise<Record<string, number>> {
  const loads = await Promise.all(
    listeners.map(async (name) => {
      const { client, ...load } = OTHERS[name];
      return [name, await lab.client(client).load({ ...load, seconds })] as const;
    }),
  );
  const missing = ({ sent, byRcode }: LoadReport) => sent - (byRcode["NOERROR"] ?? 0);
  const lost = await Promise.all(loads.map(async ([name, { done }]) => [name, missing(await done)] as const));
  return Object.fromEntries(lost);
}

type Plan = Omit<FloodPlan, "count" | "seconds"> & { readonly client?: string };

/** Floods listeners at once while others ask, and expects that these lose nothing and nothing moves or grows. */
async function flooded(plans: readonly Plan[], seconds: number, spared: readonly Listener[] = LISTENERS) {
  const stop = watchHolders(lab);
  const before = spentBy(lab, leader);
  const floods = plans.map(({ client = FLOODER, ...plan }) =>
    Flood.start(lab, client, { ...plan, count: COUNT, seconds }),
  );
  await sleep(1_500);
  const asked = lostOf(spared, seconds - 3);
  await sleep(1_000);
  const checks = await failedChecks(lab, leader);
  const statistics = await statisticsStatus(lab, CLIENT.inside, own, PASSWORD);
  const during = await mostSpent(lab, leader, asked);
  const lost = await asked;
  await Promise.all(floods.map(({ done }) => done));
  const moved = await stop();
  const lines = spentBy(lab, leader).lines - before.lines;
  if (process.env["FLOODS"])
    console.log(
      floods.map(({ said }) => said.trim().split("\n").join(" ")),
      { lost, before, during, lines },
    );
  expect({ lost, checks, statistics, moved }).toEqual({
    lost: NOTHING(spared),
    ...{ checks: [], statistics: 200, moved: [all(leader)] },
  });
  for (const { opened, said } of floods) expect(opened, said).toBeGreaterThan(20);
  expect(lines).toBeLessThan(100);
  return { ...during, opened: floods.map(({ opened }) => opened) };
}

describe("connections from one host leave everything to the others,", () => {
  test("9,000 silent ones to each of four listeners", async () => {
    const { descriptors, memory } = await flooded(
      [
        { kind: "silent", server: ADDRESS.internal, port: 53 },
        { kind: "silent", server: ADDRESS.internal, port: 853 },
        { kind: "silent", server: own, port: 53 },
        { kind: "silent", server: own, port: 8404 },
      ],
      7,
    );
    // Half of what two of four listeners are sure of, 975 each, and of the statistics' 100.
    expect(descriptors.haproxy).toBeGreaterThan(900);
    expect(descriptors.haproxy).toBeLessThan(1_500);
    // 256 on a wildcard.
    expect(descriptors.dnsdist).toBeGreaterThan(256);
    expect(descriptors.dnsdist).toBeLessThan(700);
    expect(memory.haproxy + memory.dnsdist).toBeLessThan(512);
  });

  test("after the handshake, byte by byte, after one query, and from 50 addresses of one IPv6 /64", async () => {
    const sources = Array.from({ length: 50 }, (_, index) => `fd53:66::${index + 20}`);
    await addAddresses(lab, FLOODER6, sources);
    const { descriptors, memory } = await flooded(
      [
        { kind: "tls", server: ADDRESS.internal, port: 853 },
        { kind: "dribble", server: ADDRESS.internal, port: 53 },
        { kind: "asked", server: ADDRESS.public, port: 53 },
        { kind: "silent", server: ADDRESS.public6, port: 853, client: FLOODER6, sources },
      ],
      7,
    );
    expect(descriptors.haproxy).toBeLessThan(6_000);
    expect(descriptors.dnsdist).toBeLessThan(3_000);
    expect(memory.haproxy + memory.dnsdist).toBeLessThan(512);
  });
});

describe("connections from 200 addresses", () => {
  const sources = Array.from({ length: 200 }, (_, index) => `10.0.66.${index + 20}`);

  beforeAll(() => addAddresses(lab, FLOODER, sources));

  test.each<[flood: string, plan: Omit<Plan, "port">, spared: readonly Listener[]]>([
    [
      "to a direct frontend, silent",
      { kind: "silent", server: ADDRESS.internal },
      LISTENERS.filter((name) => name !== "internal TCP"),
    ],
    [
      // Its servers have a connection for each of these, and too few for TLS.
      "to a direct frontend, after one query",
      { kind: "asked", server: ADDRESS.internal },
      LISTENERS.filter((name) => name !== "internal TCP" && name !== "internal TLS"),
    ],
    [
      "to an inspected frontend, after one query",
      { kind: "asked", server: ADDRESS.public },
      LISTENERS.filter((name) => name !== "public TCP"),
    ],
  ])("%s, cost UDP and other frontends nothing, and theirs comes back", async (_, plan, spared) => {
    const { descriptors, memory } = await flooded([{ ...plan, port: 53, sources }], 6, spared);
    const ended = Date.now();
    await lab.waitFor(async () => (await answer(plan.server)) === "NOERROR", WAIT);
    expect(Date.now() - ended).toBeLessThan(10_000);
    // What is nobody's share, 3,900 of 7,800, with a descriptor at each end.
    expect(descriptors.haproxy).toBeGreaterThan(1_500);
    expect(descriptors.haproxy).toBeLessThan(8_500);
    expect(descriptors.dnsdist).toBeLessThan(5_000);
    expect(memory.haproxy + memory.dnsdist).toBeLessThan(512);
  });

  test("that nobody closes, since their host is gone, block their listener for less than 10 s", async () => {
    const flood = Flood.start(lab, FLOODER, {
      ...{ kind: "silent", server: ADDRESS.public, port: 53, count: COUNT, seconds: 12, sources },
    });
    await lab.waitFor(async () => (await answer(ADDRESS.public)) !== "NOERROR", {
      ...{ timeout: "8s", what: "the listener is full" },
    });
    await unplug(lab, FLOODER, "down");
    flood.stop();
    const ended = Date.now();
    try {
      await lab.waitFor(async () => (await answer(ADDRESS.public)) === "NOERROR", WAIT);
      if (process.env["FLOODS"]) console.log("answers after", Date.now() - ended);
      expect(Date.now() - ended).toBeLessThan(10_000);
    } finally {
      await unplug(lab, FLOODER, "up");
    }
  });

  const WAIT = { timeout: "20s", what: "the listener answers" } as const;

  async function answer(server: string): Promise<string> {
    const client = server === ADDRESS.internal ? CLIENT.inside : CLIENT.world;
    const { status } = await lab.client(client).query("www.example.com", "A", {
      ...{ server, transport: "tcp", timeout: "1s" },
    });
    return status;
  }
});
