import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Duration } from "../../../lib/core/duration.js";
import { Lab, LabSecret } from "../../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, dnsListener, frontend, standalone } from "../models.js";
import { transfer } from "./secondary.js";

const NAME = "t_transfers";
const SERVER = "10.0.0.2";
const SECONDARY = "10.0.1.7";
const STRANGER = "10.0.2.7";

/*
 * `npm run test:transfers` takes the times as they are; otherwise they are a tenth, and all is ten times as fast. The zone
 * has 33 MB: a smaller one would vanish in the buffers of the kernel.
 */
const QUICKER = process.env["DNS_LB_TRANSFERS"] === "full" ? 1 : 10;
const seconds = (whole: number) => whole / QUICKER;
const perSecond = (kilobytes: number) => kilobytes * 1_000 * QUICKER;
const IDLE = `${seconds(30)}s` as Duration;
/* Shorter than what the transfer may pause, but for those that do not come first on their connection. */
const LISTENER_IDLE = `${seconds(20)}s` as Duration;

const TEXT = "x".repeat(200);
const RECORDS = 145_000;
const ZONE = Array.from({ length: RECORDS }, (_, index) => `h${index} TXT "${String(index).padStart(8, "0")}${TEXT}"`);
/* With those that the lab's zones have, and the SOA twice. */
const asked = { server: SERVER, zone: "example.com", records: RECORDS + 8 };

const pool = authoritativePool({
  idleTimeout: IDLE,
  zoneTransfer: { servers: ["auth2"], allowFrom: ["10.0.1.0/24"] },
});
const model = standalone({
  frontends: [
    frontend({
      name: "zones",
      addresses: [SERVER],
      pool,
      tcpPath: "inspected",
      listeners: [
        { ...dnsListener("zones"), idleTimeout: LISTENER_IDLE },
        {
          kind: "dot",
          name: "dot",
          port: 853,
          certificate: { kind: "local-file", path: "certs/dns.example.com.pem" },
          minimumTlsVersion: "1.3",
          idleTimeout: LISTENER_IDLE,
        },
      ],
    }),
  ],
});

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start([model], {
    name: NAME,
    zones: { "example.com": ZONE },
    secrets: { "certs/dns.example.com.pem": LabSecret.certificate("dns.example.com") },
  });
  for (const address of [SECONDARY, STRANGER]) await lab.client(address).query("www.example.com", "A", asked);
});

afterAll(async () => {
  await lab?.stop();
  expect(leftovers(NAME)).toEqual(NOTHING);
});

/** The memory of a daemon of the node, with all of its processes, in MB. */
async function memoryOf(service: string): Promise<number> {
  const { stdout } = await lab.node("lb1").exec(["pgrep", "-x", service]);
  const pids = stdout.split("\n").filter((line) => line !== "");
  const own = new Set(pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(NAME)));
  return [...own].reduce((sum, pid) => {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    return sum + Number(kilobytes) / 1_024;
  }, 0);
}

const WHOLE = { end: "whole", records: asked.records };

describe("a transfer of 33 MB", () => {
  test("arrives at full speed", async () => {
    expect(await transfer(lab, SECONDARY, asked)).toMatchObject(WHOLE);
    expect(await transfer(lab, SECONDARY, asked, "--tls")).toMatchObject(WHOLE);
  });

  test("arrives at every pace, several at once, while others are answered and the memory stays", async () => {
    const before = { haproxy: await memoryOf("haproxy"), dnsdist: await memoryOf("dnsdist") };
    const paced = ["--rate", perSecond(150)];
    const slow = ["--rate", perSecond(20), "--slow-for", seconds(100)];
    const transfers = [
      paced,
      [...paced, "--tls"],
      [...paced, "--pause", seconds(25)],
      slow,
      [...slow, "--tls"],
      ["--pause", seconds(25)],
      ["--pause", seconds(25), "--tls"],
      ["--pause", seconds(15), "--before", "www.example.com"],
    ].map((options) => transfer(lab, SECONDARY, asked, ...options));
    const load = await lab.client(STRANGER).load({
      ...{ server: SERVER, name: "www.example.com", transport: "tcp", connections: "new", timeout: "1s" },
      ...{ rate: 50, seconds: seconds(100) },
    });
    await new Promise((resolve) => setTimeout(resolve, seconds(10) * 1_000));
    const held = { haproxy: await memoryOf("haproxy"), dnsdist: await memoryOf("dnsdist") };
    expect(await Promise.all(transfers)).toEqual(transfers.map(() => expect.objectContaining(WHOLE)));
    const report = await load.done;
    expect(report).toMatchObject({ lost: 0, answered: report.sent });
    expect(before.haproxy).toBeGreaterThan(1);
    expect(before.dnsdist).toBeGreaterThan(1);
    expect(held.haproxy).toBeLessThan(before.haproxy + 20);
    // The one transfer that does not come first on its connection goes through dnsdist, which may keep all of it.
    expect(held.dnsdist).toBeLessThan(before.dnsdist + 50);
  });

  test("ends when its reader pauses for longer than it may", async () => {
    const { end, records } = await transfer(lab, SECONDARY, asked, "--pause", seconds(60));
    expect(end).toMatch(/^cut/);
    expect(records).toBeLessThan(asked.records);
  });

  test("is refused to strangers, plain and over TLS, also as the first of a connection", async () => {
    expect(await transfer(lab, STRANGER, asked)).toMatchObject({ end: "rcode 5" });
    expect(await transfer(lab, STRANGER, asked, "--tls")).toMatchObject({ end: "rcode 5" });
    expect(await transfer(lab, STRANGER, asked, "--before", "www.example.com")).toMatchObject({ end: "rcode 5" });
  });
});

describe("the question for the serial", () => {
  const askTen = async (client: string, transport: "udp" | "tcp", name: string) => {
    for (const server of lab.servers) server.clearQueries();
    for (let count = 0; count < 10; count += 1) {
      const answer = await lab.client(client).query(name, "SOA", { server: SERVER, transport });
      expect(answer.status).toBe("NOERROR");
    }
    const logs = await Promise.all(["auth1", "auth2"].map((server) => lab.server(server).queries({ name })));
    return logs.map((log) => log.length);
  };

  test.each(["udp", "tcp"] as const)("goes to the primary over %s for whoever may transfer", async (transport) => {
    expect(await askTen(SECONDARY, transport, "www.example.com")).toEqual([0, 10]);
  });

  test.each(["udp", "tcp"] as const)("goes to all servers over %s for others", async (transport) => {
    expect((await askTen(STRANGER, transport, "www.example.com")).every((count) => count > 0)).toBe(true);
  });

  test("goes to the others while the primary is down", async () => {
    await lab.server("auth2").stop();
    await lab.waitFor(async () => {
      const { stdout } = await lab.node("lb1").agent("status");
      return (stdout.match(/dnsdist (udp|tcp) down|udp down tcp down|tcp down/g) ?? []).length > 0;
    });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (const transport of ["udp", "tcp"] as const) {
      const answer = await lab.client(SECONDARY).query("example.com", "SOA", { server: SERVER, transport });
      expect(answer.status).toBe("NOERROR");
    }
    await lab.server("auth2").start();
  });
});
