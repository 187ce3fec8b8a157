import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, type LabClient } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, frontend, resolverPool, servers, standalone } from "./models.js";

const NAME = "t_standalone";
const INTERNAL = "10.0.0.2";
let lab: Lab;
let client: LabClient;

const publicPool = resolverPool({
  name: "public",
  servers: [{ name: "quad9", address: "9.9.9.9", port: 853, weight: 1, tls: { name: "dns.quad9.net" } }],
  healthCheck: { ...resolverPool().healthCheck, name: ".", type: "NS" },
});
const model = standalone({
  nodes: [{ name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" }],
  frontends: [
    frontend({ addresses: [INTERNAL], pool: resolverPool({ fallback: publicPool }) }),
    frontend({ name: "zones", addresses: ["10.0.0.4"], pool: authoritativePool() }),
    frontend({
      name: "proxied",
      addresses: ["10.0.0.5"],
      pool: resolverPool({
        name: "proxied",
        servers: servers("proxied", "192.168.1.30", 1, 5354),
        clientAddress: "proxy-protocol",
      }),
    }),
  ],
  virtualAddresses: [],
});

const told: string[] = [];

beforeAll(async () => {
  const nodes = [{ name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" }];
  lab = await Lab.start([{ ...model, nodes, frontends: model.frontends.slice(0, 1) }], {
    name: NAME,
    localData: ["intranet.example.com. A 192.0.2.7"],
    zones: { "example.com": ["shop A 192.0.2.9"] },
    onProgress: (what) => told.push(what),
  });
  client = lab.client("10.0.0.77");
});

afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});

test("the start says what it does, and what it waits for", () => {
  const waiting = /^waiting until the lab is ready: .* over (udp|tcp): /;
  expect(told.filter((what) => !waiting.test(what))).toEqual([
    "looking at the daemons of this machine",
    "making the network and an authority for certificates",
    "adding hosts to the network",
    "starting servers and nodes",
    "waiting until the lab is ready",
  ]);
});

describe("a node with one pool", () => {
  test.each(["udp", "tcp"] as const)("answers over %s", async (transport) => {
    const answer = await client.query("intranet.example.com", "A", { server: INTERNAL, transport });
    expect(answer).toMatchObject({ status: "NOERROR", answers: ["192.0.2.7"], truncated: false });
  });

  test("truncates what is too large for UDP", async () => {
    const large = await client.query("large.dns-lb.test", "TXT", { server: INTERNAL });
    expect(large).toMatchObject({ status: "NOERROR", truncated: true });
    const whole = await client.query("large.dns-lb.test", "TXT", { server: INTERNAL, transport: "tcp" });
    expect(whole.answers.join("").length).toBeGreaterThan(2_000);
  });

  test("spreads queries over its servers, which log them", async () => {
    const load = await client.load({
      server: INTERNAL,
      name: "whoami.dns-lb.test",
      type: "TXT",
      rate: 200,
      count: 200,
    });
    const report = await load.done;
    expect(report).toMatchObject({ sent: 200, answered: 200, lost: 0, longestGap: 0, byRcode: { NOERROR: 200 } });
    const counts = await Promise.all(
      ["resolver1", "resolver2"].map(
        async (name) => (await lab.server(name).queries({ name: "whoami.dns-lb.test" })).length,
      ),
    );
    expect(report.byAnswer).toEqual({ resolver1: expect.any(Number), resolver2: expect.any(Number) });
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(200);
  });

  test("keeps away from a server that is ill, and comes back to it", async () => {
    const resolver1 = lab.server("resolver1");
    await resolver1.ill();
    const direct = { server: resolver1.address };
    expect((await client.query("health.example.com", "A", direct)).status).toBe("REFUSED");
    expect((await client.query("www.example.com", "A", direct)).status).toBe("NOERROR");
    await lab.waitFor(async () => (await lab.node("lb1").agent("status")).stdout.includes("dnsdist udp down"));
    const load = await client.load({ server: INTERNAL, name: "whoami.dns-lb.test", type: "TXT", rate: 100, count: 50 });
    expect((await load.done).byAnswer).toEqual({ resolver2: 50 });
    await resolver1.well();
    expect((await client.query("health.example.com", "A", direct)).status).toBe("NOERROR");
    await lab.waitFor(async () => !(await lab.node("lb1").agent("status")).stdout.includes("down"), {
      what: "all is up",
    });
  });

  test("stand-ins for public resolvers speak verified TLS and know public names alone", async () => {
    const dot = { server: "9.9.9.9", transport: "dot", tlsName: "dns.quad9.net" } as const;
    expect(await client.query(".", "NS", dot)).toMatchObject({ status: "NOERROR", tlsVersion: "TLSv1.3" });
    expect((await client.query("www.example.net", "A", dot)).status).toBe("NOERROR");
    expect((await client.query("intranet.example.com", "A", dot)).status).toBe("NXDOMAIN");
    const wrong = await client.query(".", "NS", { ...dot, tlsName: "dns.example.net" });
    expect(wrong).toMatchObject({ status: "TLS-FAILED", error: expect.stringContaining("does not match") });
  });

  test("tells why there is no answer", async () => {
    expect((await client.query("a.test", "A", { server: "192.168.1.10", port: 54 })).status).toBe("CONNECTION-REFUSED");
    const tcp = { server: "192.168.1.10", port: 54, transport: "tcp" } as const;
    expect((await client.query("a.test", "A", tcp)).status).toBe("CONNECTION-REFUSED");
    expect((await client.query("a.test", "A", { server: "10.0.0.99", timeout: "200ms" })).status).toBe("TIMEOUT");
  });
});

describe("applying a change", () => {
  test("brings new pools with their servers", async () => {
    const addresses = ["10.0.0.2", "10.0.0.4", "10.0.0.5"];
    await lab.node("lb1").exec(["ip", "address", "add", "10.0.0.4/32", "dev", "eth0"]);
    await lab.node("lb1").exec(["ip", "address", "add", "10.0.0.5/32", "dev", "eth0"]);
    await lab.apply([model]);
    expect(lab.servers.map(({ name }) => name).sort()).toEqual([
      "auth1",
      "auth2",
      "proxied1",
      "quad9",
      "resolver1",
      "resolver2",
    ]);
    await lab.waitUntilReady({ timeout: "10s" });
    for (const server of addresses)
      expect((await client.query("www.example.com", "A", { server })).status).toBe("NOERROR");
  });

  test("an authoritative server serves its zones, and transfers them to nodes alone", async () => {
    const auth = { server: lab.server("auth1").address, transport: "tcp" } as const;
    expect((await client.query("shop.example.com", "A", auth)).answers).toEqual(["192.0.2.9"]);
    expect((await client.query("example.com", "AXFR", auth)).status).toBe("REFUSED");
    const [both, transfer] = await lab.client(INTERNAL).messages(
      [
        { name: "www.example.com", type: "A" },
        { name: "example.com", type: "AXFR" },
      ],
      auth,
    );
    expect(both).toMatchObject({ question: 0, answers: ["192.0.2.80"] });
    expect(transfer).toMatchObject({ question: 1, status: "NOERROR", answers: expect.arrayContaining(["192.0.2.9"]) });
  });

  test("an ill authoritative server refuses its zone until it is well", async () => {
    const auth = lab.server("auth2");
    await auth.ill();
    expect((await client.query("example.com", "SOA", { server: auth.address })).status).toBe("REFUSED");
    await auth.well();
    await lab.waitFor(
      async () => (await client.query("example.com", "SOA", { server: auth.address })).status === "NOERROR",
    );
  });

  test.each(["udp", "tcp"] as const)("a server behind PROXY protocol sees the client over %s", async (transport) => {
    const name = `www.example.com`;
    const proxied = lab.server("proxied1");
    proxied.clearQueries();
    expect((await client.query(name, "A", { server: "10.0.0.5", transport })).status).toBe("NOERROR");
    expect(await proxied.queries({ name })).toMatchObject([{ client: "10.0.0.77", transport, type: "A" }]);
  });
});

describe("a load", () => {
  test("counts what is lost while a server hangs, and when", async () => {
    const server = lab.server("resolver1");
    const load = await client.load({
      server: server.address,
      name: "www.example.com",
      rate: 100,
      seconds: 2,
      timeout: "300ms",
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.pause();
    await new Promise((resolve) => setTimeout(resolve, 800));
    await server.resume();
    const report = await load.done;
    expect(report.sent).toBe(200);
    expect(report.answered + report.lost).toBe(200);
    expect(report.late).toBeGreaterThan(20);
    expect(report.longestGap).toBeGreaterThan(400);
    expect(report.longestGap).toBeLessThan(900);
    expect(Math.min(...report.lostAt)).toBeGreaterThan(400);
  });

  test("counts what is refused: every connection, and of UDP what the kernel tells", async () => {
    const nobody = { server: "192.168.1.10", port: 54, name: "a.test", rate: 50, count: 25 };
    const tcp = await (await client.load({ ...nobody, transport: "tcp" })).done;
    expect(tcp).toMatchObject({ sent: 25, answered: 0, lost: 25, refused: 25 });
    const udp = await (await client.load(nobody)).done;
    expect(udp).toMatchObject({ sent: 25, answered: 0, lost: 25 });
    expect(udp.refused).toBeGreaterThan(0);
  });

  test.each([
    ["tcp", "new"],
    ["tcp", "persistent"],
    ["dot", "persistent"],
  ] as const)("goes over %s with %s connections", async (transport, connections) => {
    const server = transport === "dot" ? "9.9.9.9" : INTERNAL;
    const load = await client.load({
      server,
      transport,
      connections,
      name: ["www.example.net", "q{n}.test"],
      rate: 100,
      count: 100,
    });
    expect(await load.done).toMatchObject({ sent: 100, answered: 100, lost: 0 });
  });

  test("stops when it is told to", async () => {
    const load = await client.load({ server: INTERNAL, name: "www.example.com", rate: 100 });
    await lab.waitFor(async () => (await load.report()).answered > 10);
    const report = await load.stop();
    expect(report.answered).toBe(report.sent);
  });
});
