import { afterAll, beforeAll, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import {
  ADDRESS,
  CLIENT,
  detectionOf,
  leaderOf,
  quickModel,
  sleep,
  startProduction,
  withFrontend,
  withIdleTimeout,
} from "./stack.js";

const PRIVATE = "www.example.com";
const PUBLIC = "www.example.net";
const model = quickModel();
const DETECTION = detectionOf(model, "internal");

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("servers", model);
});
afterAll(() => lab?.stop());

/** Clients that ask again where the connection to a server that failed is ended, as they should. */
const load = (transport: "udp" | "tcp", count: number, name = PRIVATE) =>
  lab.client(CLIENT.inside).load({
    ...{ name, server: ADDRESS.internal, transport, count, rate: 100 },
    ...{ connections: "persistent", concurrency: 6, retry: true },
  });

test("a server that fails its probes gets no query after the computed time, on any transport", async () => {
  const seconds = Math.ceil(DETECTION / 1_000) + 4;
  const loads = [await load("udp", seconds * 100), await load("tcp", seconds * 100)];
  await sleep(1_000);
  const before = Date.now();
  await lab.server("resolver1").ill();
  const reports = await Promise.all(loads.map(({ done }) => done));

  for (const { lost } of reports) expect(lost).toBe(0);
  expect(reports.map(({ broken }) => broken > 0)).toEqual([false, true]);
  for (const transport of ["udp", "tcp"]) {
    const queries = (await lab.server("resolver1").queries({ name: PRIVATE })).filter(
      (query) => query.transport === transport,
    );
    expect(queries.filter(({ time }) => time < before).length).toBeGreaterThan(20);
    expect(queries.filter(({ time }) => time > before + DETECTION)).toEqual([]);
  }
});

test("a server that is dead costs nothing after the computed time", async () => {
  await lab.server("resolver2").kill();
  await sleep(DETECTION);
  const reports = await Promise.all([(await load("udp", 300)).done, (await load("tcp", 300)).done]);
  for (const { lost, byRcode } of reports) {
    expect(lost).toBe(0);
    expect(byRcode).toEqual({ NOERROR: 300 });
  }
  await lab.server("resolver2").start();
});

test("a change does not forget which servers are dead", async () => {
  const unlimited = withFrontend(model, "internal", ({ rateLimit, ...frontend }) => frontend);
  const changed = withIdleTimeout(unlimited, "internal", "20s");
  await lab.apply([unlimited]);
  await lab.server("resolver2").kill();
  await sleep(DETECTION);
  const running = await lab.client(CLIENT.inside).load({
    ...{ name: PRIVATE, server: ADDRESS.internal, transport: "tcp", rate: 10 },
  });
  await lab.apply([changed]);
  await sleep(3_000);
  const { lost, byRcode, sent } = await running.stop();
  expect(lost).toBe(0);
  expect(byRcode).toEqual({ NOERROR: sent });
  // The processes that began with the change have never tried it.
  const { stdout } = await lab.node(await leaderOf(lab)).agent("haproxy", "show stat");
  const [header = "", ...rows] = stdout.split("\n").map((line) => line.split(","));
  const chosen = (name: string) =>
    Number(rows.find((row) => row[0] === "resolvers" && row[1] === name)?.[header.indexOf("lbtot")]);
  expect(chosen("resolver3")).toBeGreaterThan(10);
  expect(chosen("resolver2")).toBe(0);

  await lab.apply([model]);
  await lab.server("resolver2").start();
});

test("a server that hangs costs nothing after the computed time, though it accepts connections", async () => {
  await lab.server("resolver2").pause();
  await sleep(DETECTION);
  const reports = await Promise.all([(await load("udp", 300)).done, (await load("tcp", 300)).done]);
  // Not resumed before: it would seem well once more.
  await lab.server("resolver2").kill();
  for (const { lost, byRcode } of reports) {
    expect(lost).toBe(0);
    expect(byRcode).toEqual({ NOERROR: 300 });
  }
});

test("the fallback is asked nothing while a server of the pool is left, and serves when none is", async () => {
  const asked = async () => {
    const logs = await Promise.all(["cloudflare", "quad9"].map((name) => lab.server(name).queries({ name: PUBLIC })));
    return logs.flat();
  };

  for (const transport of ["udp", "tcp"] as const) {
    const { byRcode } = await (await load(transport, 100, PUBLIC)).done;
    expect(byRcode).toEqual({ NXDOMAIN: 100 });
  }
  expect(await asked()).toEqual([]);

  await lab.server("resolver3").kill();
  await sleep(DETECTION);
  for (const transport of ["udp", "tcp"] as const) {
    const { lost, byAnswer } = await (await load(transport, 100, PUBLIC)).done;
    expect(lost).toBe(0);
    expect(byAnswer).toEqual({ "198.51.100.80": 100 });
  }
  const queries = await asked();
  expect(queries.length).toBeGreaterThanOrEqual(200);
  // They listen for DNS over TLS alone; unbound 1.17 tells of it as TCP.
  expect(queries.map(({ transport }) => transport)).not.toContain("udp");

  await Promise.all(["resolver2", "resolver3"].map((name) => lab.server(name).start()));
  await lab.server("resolver1").well();
});

test.each(["direct", "inspected"] as const)("probes that all fail lose nothing, TCP %s", async (tcpPath) => {
  const tryAll = withFrontend(model, "internal", ({ pool: { fallback, ...pool }, ...frontend }) => {
    expect(fallback).toBeDefined();
    return { ...frontend, tcpPath, pool };
  });
  await lab.apply([tryAll]);
  const resolvers = ["resolver1", "resolver2", "resolver3"].map((name) => lab.server(name));
  await Promise.all(resolvers.map((resolver) => resolver.ill()));
  await sleep(DETECTION);
  for (const transport of ["udp", "tcp"] as const) {
    const { lost, byRcode } = await (await load(transport, 300)).done;
    expect(lost).toBe(0);
    expect(byRcode).toEqual({ NOERROR: 300 });
  }
  await Promise.all(resolvers.map((resolver) => resolver.well()));
});

test.each([
  ["refuse", "REFUSED"],
  ["servfail", "SERVFAIL"],
] as const)("clients get what whenAllDown says: %s", async (whenAllDown, status) => {
  const refusing = withFrontend(model, "internal", ({ pool: { fallback, ...pool }, ...frontend }) => {
    expect(fallback).toBeDefined();
    return { ...frontend, pool: { ...pool, whenAllDown } };
  });
  const resolvers = ["resolver1", "resolver2", "resolver3"].map((name) => lab.server(name));
  await lab.apply([refusing]);
  await Promise.all(resolvers.map((resolver) => resolver.ill()));
  await sleep(DETECTION);
  for (const transport of ["udp", "tcp"] as const) {
    const answer = await lab.client(CLIENT.inside).query(PRIVATE, "A", { server: ADDRESS.internal, transport });
    expect(answer.status).toBe(status);
  }
  await Promise.all(resolvers.map((resolver) => resolver.well()));
});
