import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, standalone } from "./models.js";

const NAME = "t_outage";
const SERVER = "10.0.0.2";
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start([standalone({ frontends: [frontend({ addresses: [SERVER], tcpPath: "inspected" })] })], {
    name: NAME,
  });
});

afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/*
 * The kernel sends again after 0.2, 0.6, 1.4 s and so on: with its default, what dnsdist keeps open would send next at
 * 25 or at 51 s.
 */
test.each([8, 30])("inspected TCP comes back with UDP after %i s without servers", async (cut) => {
  const client = lab.client("10.0.0.77");
  const start = performance.now();
  const loads = await Promise.all(
    (["udp", "tcp"] as const).map((transport) =>
      client.load({ server: SERVER, name: "www.example.com", transport, rate: 20, timeout: "1s" }),
    ),
  );
  await sleep(2_000);
  await lab.node("lb1").partition("both", { from: ["resolver1", "resolver2"] });
  await sleep(cut * 1_000);
  await lab.node("lb1").heal();
  const healed = performance.now() - start;
  await sleep(12_000);
  const [udp, tcp] = await Promise.all(loads.map(async (load) => Math.max(...(await load.stop()).lostAt) - healed));
  console.log({ cut, udp, tcp });
  expect(udp).toBeLessThan(6_000);
  expect((tcp ?? 0) - (udp ?? 0)).toBeLessThan(5_000);
});
