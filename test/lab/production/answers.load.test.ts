import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import { ADDRESS, CLIENT, startProduction } from "./stack.js";

let lab: Lab;
beforeAll(async () => {
  lab = await startProduction("load");
});
afterAll(() => lab?.stop());

describe("a pool", () => {
  test.each([
    ["internal", ADDRESS.internal, CLIENT.inside, "whoami.dns-lb.test", "resolver"],
    ["public", ADDRESS.public, CLIENT.world, "whoami.example.com", "auth"],
  ] as const)(
    "of the %s side has all of its servers at work, on every transport",
    async (_, server, address, name, prefix) => {
      for (const transport of ["udp", "tcp", "dot"] as const) {
        const connections = transport === "udp" ? {} : ({ connections: "persistent", concurrency: 6 } as const);
        const load = await lab.client(address).load({
          ...{ name, type: "TXT", server, transport, rate: 200, count: 300 },
          ...connections,
        });
        const { lost, byAnswer } = await load.done;
        expect(lost).toBe(0);
        expect(Object.keys(byAnswer).sort()).toEqual([`${prefix}1`, `${prefix}2`, `${prefix}3`]);
        for (const count of Object.values(byAnswer)) expect(count).toBeGreaterThan(75);
      }
    },
  );
});

test("nothing of 5,000 queries is lost without a fault", async () => {
  const client = lab.client(CLIENT.inside);
  const common = { name: "www.example.com", server: ADDRESS.internal, connections: "persistent" } as const;
  const loads = await Promise.all([
    client.load({ ...common, transport: "udp", rate: 600, count: 3_000 }),
    client.load({ ...common, transport: "tcp", rate: 200, count: 1_000 }),
    client.load({ ...common, transport: "dot", rate: 200, count: 1_000 }),
  ]);
  const reports = await Promise.all(loads.map(({ done }) => done));
  for (const { sent, lost, byRcode } of reports) {
    expect(lost).toBe(0);
    expect(byRcode).toEqual({ NOERROR: sent });
  }
  expect(reports.reduce((sum, { sent }) => sum + sent, 0)).toBe(5_000);
});

describe("somebody whom a frontend does not serve", () => {
  test.each([
    ["tcp", "10.0.0.99"],
    ["dot", "10.0.0.98"],
  ] as const)("is limited in connections over %s, by HAProxy", async (transport, address) => {
    const load = await lab.client(address).load({
      ...({ name: "www.example.com", server: ADDRESS.internal, transport, connections: "new" } as const),
      ...{ rate: 50, count: 60 },
    });
    const { byRcode, lost } = await load.done;
    expect(byRcode).toEqual({ NOERROR: 30 });
    expect(lost).toBe(30);
  });
});
