import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, dnsListener, frontend, pair, resolverPool, servers } from "./models.js";

const NAME = "t_pair";
const SHARED = "10.0.0.53";
let lab: Lab;
let started = 0;

const model = pair({
  nodes: [
    { name: "lb1", addresses: ["10.0.0.2", "fd00::2"], interface: "eth0" },
    { name: "lb2", addresses: ["10.0.0.3", "fd00::3"], interface: "eth0" },
  ],
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: "fd00::53", interface: "eth0" },
    { address: "203.0.113.53", interface: "eth1", gateway: "203.0.113.1" },
  ],
  frontends: [
    frontend({
      addresses: [SHARED, "fd00::53"],
      allowFrom: ["10.0.0.0/8", "fd00::/8"],
      pool: resolverPool({ servers: servers("resolver", "192.168.1.10", 4) }),
      listeners: [
        dnsListener("internal"),
        {
          kind: "dot",
          name: "dot",
          port: 853,
          certificate: { kind: "local-file", path: "certs/dns.example.com.pem" },
          minimumTlsVersion: "1.2",
          clientAuth: { trust: { kind: "local-file", path: "certs/ca.pem" }, mode: "required" },
          idleTimeout: "10s",
        },
      ],
    }),
    frontend({
      name: "public",
      addresses: ["203.0.113.53"],
      allowFrom: ["0.0.0.0/0"],
      pool: authoritativePool({ servers: servers("auth", "192.168.1.20", 4) }),
      tcpPath: "inspected",
    }),
  ],
});

beforeAll(async () => {
  const begin = performance.now();
  lab = await Lab.start([model], {
    name: NAME,
    secrets: {
      "certs/dns.example.com.pem": LabSecret.certificate("dns.example.com"),
      "certs/ca.pem": LabSecret.authority(),
    },
  });
  started = performance.now() - begin;
});

afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});

/** The node that holds the shared address. */
async function leader(): Promise<string> {
  const [name = "", ...others] = await lab.holders(SHARED);
  expect(others).toEqual([]);
  return name;
}

test("a pair with eight servers starts within the 20 s that are promised", () => {
  expect(started).toBeLessThan(20_000);
});

test("virtual addresses of both families are on one node, and answer there", async () => {
  const name = await leader();
  expect(await lab.holders("fd00::53")).toEqual([name]);
  const ipv4 = await lab.client("10.0.0.77").query("www.example.com", "A", { server: SHARED });
  const ipv6 = await lab.client("fd00::77").query("www.example.com", "AAAA", { server: "fd00::53" });
  expect([ipv4, ipv6].map(({ status }) => status)).toEqual(["NOERROR", "NOERROR"]);
});

test("a virtual address with a gateway answers through it", async () => {
  const client = lab.client("198.51.100.77");
  expect((await client.query("www.example.com", "A", { server: "203.0.113.53" })).status).toBe("NOERROR");
  const { stdout } = await lab
    .node(await leader())
    .exec(["ip", "route", "get", "198.51.100.77", "from", "203.0.113.53"]);
  expect(stdout).toContain("via 203.0.113.1 dev eth1");
});

test("DNS over TLS wants a certificate of the lab from its clients", async () => {
  const client = lab.client("10.0.0.77");
  const dot = { server: SHARED, transport: "dot", tlsName: "dns.example.com" } as const;
  const clientCertificate = await lab.certificate("client.example.com");
  const known = await client.query("www.example.com", "A", { ...dot, clientCertificate });
  expect(known).toMatchObject({ status: "NOERROR", alpn: "dot" });
  expect((await client.query("www.example.com", "A", dot)).status).not.toBe("NOERROR");
});

describe("takes over", () => {
  beforeEach(async () => {
    await lab.waitUntilReady();
  });

  test("when the leader loses its power, and does not fail back", async () => {
    const name = await leader();
    await lab.node(name).kill();
    expect(await lab.takeoverTime()).toBeLessThan(1_500);
    const other = await leader();
    expect(other).not.toBe(name);
    await lab.node(name).start();
    expect(await lab.takeoverTime()).toBeLessThan(500);
    expect(await leader()).toBe(other);
  });

  test("when the leader freezes", async () => {
    const name = await leader();
    await lab.node(name).pause();
    expect(await lab.takeoverTime()).toBeLessThan(1_500);
    expect(await lab.holders(SHARED)).toContain(name === "lb1" ? "lb2" : "lb1");
    await lab.node(name).resume();
    await lab.takeoverTime();
    expect(await lab.holders(SHARED)).toHaveLength(1);
  });

  test("when the leader is cut off", async () => {
    const name = await leader();
    await lab.node(name).partition();
    expect(await lab.takeoverTime()).toBeLessThan(1_500);
    await lab.node(name).heal();
    await lab.takeoverTime();
    expect(await lab.holders(SHARED)).toHaveLength(1);
  });

  test("when dnsdist of the leader crashes, which stays down until it is started", async () => {
    const name = await leader();
    const dnsdist = lab.node(name).process("dnsdist");
    await dnsdist.kill();
    expect(await lab.takeoverTime()).toBeGreaterThan(0);
    expect(await leader()).not.toBe(name);
    expect(dnsdist.running).toBe(false);
    dnsdist.start();
    await lab.waitFor(async () => (await lab.node(name).agent("ready")).status === 0);
  });

  test("twice, when keepalived of the leader crashes: its addresses stay behind", async () => {
    const name = await leader();
    const keepalived = lab.node(name).process("keepalived");
    await keepalived.kill();
    await lab.takeoverTime();
    expect(await lab.holders(SHARED)).toEqual(["lb1", "lb2"]);
    keepalived.start();
    await lab.waitUntilReady();
  });
});

test("an agent's refusal is told in the daemon's words, and changes nothing", async () => {
  const bad = { ...model, mobility: { kind: "vrrp", virtualRouterId: 300, advertisementInterval: "200ms" } } as const;
  await expect(lab.apply([bad])).rejects.toThrow(/keepalived: .*300/);
  await lab.waitUntilReady();
});
