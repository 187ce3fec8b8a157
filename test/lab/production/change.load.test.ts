import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab, LoadReport } from "../../../lib/testing/index.js";
import { ADDRESS, CLIENT, detectionOf, quickModel, sleep, startProduction, TLS_NAME, withFrontend } from "./stack.js";

const RULES = 500;
const INTERNAL = "whoami.dns-lb.test";
const PUBLIC = "whoami.example.com";
/* Turned away from the public frontend before, while and after it changes. */
const BANNED = "192.0.2.200";

/* 500 rules on each frontend; the variants differ in every rule but the one on the banned client. */
function withRules(model: LoadBalancer, variant: number): LoadBalancer {
  const networks = Array.from(
    { length: RULES - 1 },
    (_, index) => `100.${64 + variant}.${index >> 8}.${index & 255}/32`,
  );
  const rules = [...networks, `${BANNED}/32`].map((network) => ({
    ...({ action: "refuse", from: [network], names: [], types: [] } as const),
  }));
  return ["internal", "public"].reduce(
    (changed, name) => withFrontend(changed, name, (frontend) => ({ ...frontend, accessRules: rules })),
    model,
  );
}

/* Other resolvers (one new, one gone) and another order and weight of the authoritative servers. */
function withOtherServers(model: LoadBalancer): LoadBalancer {
  const resolver4 = { name: "resolver4", address: "192.168.1.13", port: 53, weight: 1 };
  const internal = withFrontend(model, "internal", ({ pool, ...frontend }) => ({
    ...frontend,
    pool: { ...pool, servers: [...pool.servers.filter(({ name }) => name !== "resolver2"), resolver4] },
  }));
  return withFrontend(internal, "public", ({ pool, ...frontend }) => ({
    ...frontend,
    pool: { ...pool, servers: pool.servers.map((server) => ({ ...server, weight: server.name === "auth2" ? 2 : 1 })) },
  }));
}

const before = withRules(quickModel(), 0);
const after = withOtherServers(withRules(quickModel(), 1));

/* What each load lost, and when: a stall of the machine shows in all of them, and in how late they sent. */
function lossesOf(reports: Readonly<Record<string, LoadReport>>) {
  const losses = Object.entries(reports).filter(([, { lost }]) => lost > 0);
  return Object.fromEntries(
    losses.map(
      ([name, { lost, late, refused, closed, longestGap, slowest, worstDelay, startedAt, lostAt, byAnswer }]) => [
        name,
        {
          ...{ lost, late, refused, closed, longestGap, slowest, worstDelay, byAnswer },
          between: [lostAt.at(0), lostAt.at(-1)].map((at) => new Date(startedAt + (at ?? 0)).toISOString()),
        },
      ],
    ),
  );
}

let lab: Lab;

/* What the kernels of the nodes had no room for in a socket's buffer: dnsdist got no processor time for too long. */
async function droppedDatagrams() {
  const counts = await Promise.all(
    lab.nodes.map(async (node) => {
      const { stdout } = await node.exec([
        "nstat",
        "-asz",
        "UdpInDatagrams",
        "UdpRcvbufErrors",
        "UdpSndbufErrors",
        "TcpExtListenDrops",
      ]);
      return [node.name, stdout];
    }),
  );
  return Object.fromEntries(counts);
}

beforeAll(async () => {
  lab = await startProduction("change", before);
});
afterAll(() => lab?.stop());

test("servers and rules change under load, a server being dead: nothing lost, misled or let through", async () => {
  await lab.server("resolver1").kill();
  await sleep(detectionOf(before, "internal"));

  const persistent = { connections: "persistent", concurrency: 4, type: "TXT" } as const;
  const internal = { ...persistent, server: ADDRESS.internal, name: INTERNAL } as const;
  const open = { ...persistent, server: ADDRESS.public, name: PUBLIC } as const;
  const fresh = { transport: "tcp", connections: "new" } as const;
  const inside = lab.client(CLIENT.inside);
  const world = lab.client(CLIENT.world);
  const world6 = lab.client(CLIENT.world6);
  // Far below what a node serves: clients, servers and two nodes with 500 rules each share the processors of one machine.
  const loads = {
    internalUdp: await inside.load({ ...internal, transport: "udp", rate: 150 }),
    internalTcp: await inside.load({ ...internal, transport: "tcp", rate: 50 }),
    internalDot: await inside.load({ ...internal, transport: "dot", tlsName: TLS_NAME, rate: 25 }),
    publicUdp: await world.load({ ...open, transport: "udp", rate: 100 }),
    publicTcp: await world.load({ ...open, transport: "tcp", rate: 50 }),
    publicNewTcp: await world.load({ ...open, ...fresh, rate: 20 }),
    publicNewTcp6: await world6.load({ ...open, ...fresh, server: ADDRESS.public6, rate: 20 }),
  };
  const turnedAway = {
    outsider: await lab.client(CLIENT.outsider).load({ ...internal, transport: "udp", rate: 50 }),
    banned: await lab.client(BANNED).load({ ...open, transport: "udp", rate: 50 }),
  };
  const stopAll = async (running: Record<string, { stop(): Promise<LoadReport> }>) =>
    Object.fromEntries(
      await Promise.all(Object.entries(running).map(async ([name, load]) => [name, await load.stop()] as const)),
    );

  await sleep(1_000);
  const changes: string[] = [];
  for (const model of [after, before, after]) {
    const start = new Date().toISOString();
    await lab.apply([model]);
    changes.push(`${start} to ${new Date().toISOString()}`);
    await sleep(500);
  }
  const served = await stopAll(loads);
  const refused = await stopAll(turnedAway);

  const dropped = await droppedDatagrams();
  expect({ changes, dropped, losses: lossesOf(served) }).toEqual({ changes, dropped, losses: {} });
  for (const [name, { sent, byRcode, byAnswer }] of Object.entries(served)) {
    const side = name.startsWith("internal") ? "resolver" : "auth";
    expect({ name, byRcode }).toEqual({ name, byRcode: { NOERROR: sent } });
    expect(Object.keys(byAnswer).filter((answer) => !answer.startsWith(side))).toEqual([]);
    expect(sent).toBeGreaterThan(100);
  }
  expect(Object.keys(served["internalUdp"]?.byAnswer ?? {}).sort()).toEqual(["resolver2", "resolver3", "resolver4"]);
  for (const [name, { sent, byRcode }] of Object.entries(refused)) {
    expect({ name, byRcode }).toEqual({ name, byRcode: { REFUSED: sent } });
    expect(sent).toBeGreaterThan(500);
  }
  console.log(
    `changed three times under load: ${Object.entries({ ...served, ...refused })
      .map(([name, { sent, lost }]) => `${name} ${lost}/${sent}`)
      .join(", ")}`,
  );
});
