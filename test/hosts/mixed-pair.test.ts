import { afterAll, beforeAll, expect, test } from "vitest";
import { leftOn as leftOnEngine } from "../e2e/left.js";
import { until } from "../e2e/run.js";
import { Deployment, otherThan, SERVERS, UNCHANGED } from "./deployment.js";
import { WHOAMI } from "./dns-server.js";
import { timed } from "./times.js";
import { answersAgain, lostByMove, nothingLost, pause, TLS_NAME, VIRTUAL } from "./traffic.js";
import { leftOn } from "./units.js";

/*
 * A pair of a host, lb1, and a container, lb2. They lead in turns, so that each test begins with what the one before it has
 * left.
 */

const VIRTUAL6 = "fd53::53";
const NODES = ["lb1", "lb2"] as const;
/** Milliseconds: 4,000 queries. */
const LONG = 10_500;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open({ docker: true });
}, 900_000);

afterAll(async () => {
  await deployment?.close();
});

/** Asks all ways while something is done. */
const under = (meanwhile: () => Promise<unknown>, atLeast = 0) => deployment.traffic(meanwhile, { atLeast });

const statuses = () => Promise.all(NODES.map((name) => deployment.status(name)));

test("a bare host and an engine without an image become a pair, which answers all ways", async () => {
  await timed("a pair of a host and a container", () => deployment.deploy());
  await deployment.settled();
  expect(await deployment.leader()).toBe("lb1");
  nothingLost(await under(async () => {}));
  const [host, container] = await statuses();
  expect(container?.configuration).toBe(host?.configuration);
}, 600_000);

test("a second deployment changes nothing", async () => {
  expect(await timed("a deployment without changes", () => deployment.deploy())).toContain(UNCHANGED);
});

test("servers change on the host, then on the container, one being dead, without a lost query", async () => {
  const before = await statuses();
  await deployment.site.server("resolver2").kill();
  await pause(8_000);
  deployment.servers = SERVERS;
  nothingLost(await under(() => timed("a server more", () => deployment.deploy())));
  await deployment.site.server("resolver2").start();
  const [host, container] = await statuses();
  for (const [index, after] of [host, container].entries()) expect(after?.release).not.toBe(before[index]?.release);
  expect(container?.configuration).toBe(host?.configuration);
  expect(Date.parse(host?.since ?? "")).toBeLessThan(Date.parse(container?.since ?? ""));
});

test("a script judges the servers on the host and in the container, and no query is lost meanwhile", async () => {
  const script = '#!/bin/sh\nid -u\n[ "$3" != resolver3 ]\n';
  nothingLost(await under(() => timed("a script", () => deployment.deploy({ SCRIPT: script }))));
  for (const name of NODES) {
    await until(`the verdict on ${name}`, 20, async () => {
      const { stdout } = await deployment.agent(name, "status");
      // A user who owns nothing has run it.
      return /resolvers\/resolver3: haproxy .* DOWN.*, dnsdist .*down \(.*19000\d{5}/.test(stdout);
    });
    expect((await deployment.agent(name, "status")).stdout).toMatch(
      /resolvers\/resolver1: haproxy .* UP, dnsdist .*up/,
    );
  }
  nothingLost(await under(() => timed("no script", () => deployment.deploy())));
  await deployment.settled();
}, 180_000);

/** Expects a node to have all addresses, and to answer from them. */
async function leads(name: string): Promise<void> {
  expect(await deployment.leader()).toBe(name);
  expect(await deployment.node(name).addresses()).toEqual(expect.arrayContaining([VIRTUAL, VIRTUAL6]));
  for (const server of [VIRTUAL, VIRTUAL6]) {
    for (const transport of ["udp", "tcp", "dot"] as const) {
      const tls = transport === "dot" ? { tlsName: TLS_NAME } : {};
      const { status } = await deployment.client.query(WHOAMI.resolver, "TXT", { server, transport, ...tls });
      expect(status, `${server} over ${transport}`).toBe("NOERROR");
    }
  }
}

test.each(NODES)(
  "the addresses of %s move at the cost of a planned move when it is drained, and stay",
  async (name) => {
    await leads(name);
    const reports = await under(async () => {
      const { code, stderr } = await deployment.agent(name, "drain");
      expect(code, stderr).toBe(0);
      await until("the move", 10, async () => (await deployment.leader()) !== name);
      await deployment.agent(name, "undrain");
    }, LONG);
    lostByMove(reports);
    await deployment.settled();
    await leads(otherThan(name));
  },
);

test.each(NODES)(
  "the addresses of %s move at the cost of a planned move when it is stopped, and stay",
  async (name) => {
    await leads(name);
    const node = deployment.node(name);
    lostByMove(await under(() => timed(`${name} stopped`, () => node.stop()), LONG));
    await leads(otherThan(name));
    nothingLost(
      await under(async () => {
        await node.start();
        await deployment.settled();
      }),
    );
    await leads(otherThan(name));
  },
);

test.each(NODES)("the addresses of %s answer again in time when it is killed, and stay", async (name) => {
  await leads(name);
  const node = deployment.node(name);
  answersAgain(
    await under(async () => {
      await node.kill();
      await pause(3_000);
    }),
  );
  await leads(otherThan(name));
  nothingLost(
    await under(async () => {
      await node.start();
      await deployment.settled();
    }),
  );
  await leads(otherThan(name));
});

test("a deployment after all that changes nothing", async () => {
  expect(await deployment.deploy()).toContain(UNCHANGED);
});

test("a pair that is destroyed leaves nothing of ours, on the host or on the engine", async () => {
  await deployment.deploy({ END: "stop" });
  const { code, stdout, stderr } = await timed("destroyed", () => deployment.cdktf("destroy", { END: "stop" }));
  expect(code, stdout + stderr).toBe(0);
  expect(await leftOn(deployment.site.machine("lb1"))).toBe("");
  const { dockerHost } = deployment;
  if (dockerHost === undefined) throw new Error("there is no Docker host");
  const left = await leftOnEngine(dockerHost.engine, [dockerHost.base]);
  expect(left).toEqual({ containers: [], volumes: [], networks: [], images: [] });
}, 180_000);
