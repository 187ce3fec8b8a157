import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DotListener } from "../../../lib/model/dot-listener.js";
import { command } from "../../../lib/testing/lab/command.js";
import { type ClientTransport, Lab, LabSecret } from "../../../lib/testing/lab/index.js";
import { labDirectory, namespaceName } from "../../../lib/testing/lab/names.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, dnsListener, frontend, servers, standalone } from "../models.js";
import { type Transferred, transfer } from "./secondary.js";

/*
 * Transfers by AXFR and IXFR, over TCP and TLS, from the first of several servers that is up, and who may send NOTIFY and
 * UPDATE, on both TCP paths.
 */

const INSPECTED = "10.0.0.2";
const DIRECT = "10.0.0.3";
const EVERYBODY = "10.0.0.4";
const SECONDARY = "10.0.1.7";
const WRITER = "10.0.1.8";
const STRANGER = "10.0.2.7";
const CERTIFICATE = "certs/dns.example.com.pem";

const dot = (name: string): DotListener => ({
  kind: "dot",
  name: `${name}-dot`,
  port: 853,
  minimumTlsVersion: "1.3",
  idleTimeout: "10s",
  certificate: { kind: "local-file", path: CERTIFICATE },
});

/* A zone whose NOTIFY the first server takes. */
const WRITTEN = "written.example.org";

const pool = authoritativePool({
  zones: ["example.com.", `${WRITTEN}.`],
  zoneTransfer: { servers: ["auth2", "auth1"], allowFrom: ["10.0.1.0/24"] },
  notifyFrom: [`${SECONDARY}/32`],
  updateFrom: [`${WRITER}/32`],
});

const model = standalone({
  nodes: [{ name: "lb1", addresses: [INSPECTED, DIRECT, EVERYBODY], interface: "eth0" }],
  frontends: [
    frontend({
      ...{ name: "zones", addresses: [INSPECTED], tcpPath: "inspected", allowFrom: ["0.0.0.0/0"], pool },
      listeners: [dnsListener("zones"), dot("zones")],
    }),
    frontend({
      ...{ name: "plain", addresses: [DIRECT], tcpPath: "direct", allowFrom: ["0.0.0.0/0"] },
      pool: authoritativePool({ name: "plain", servers: servers("plain", "192.168.1.30", 1) }),
      listeners: [dnsListener("plain"), dot("plain")],
    }),
    // Here all transfers go through dnsdist.
    frontend({
      ...{ name: "all", addresses: [EVERYBODY], tcpPath: "inspected", allowFrom: ["0.0.0.0/0"] },
      pool: { ...pool, name: "all", zoneTransfer: { servers: ["auth2", "auth1"], allowFrom: ["0.0.0.0/0"] } },
      listeners: [dnsListener("all"), dot("all")],
    }),
  ],
});

/* The records of the lab's zone, with its SOA twice. */
const AXFR = { server: INSPECTED, zone: "example.com", records: 8 };
/* The new SOA, what the old one lost: nothing, what the new one has: one record, and the new SOA. */
const IXFR = { ...AXFR, records: 5 };
const OPCODES = { NOTIFY: 4, UPDATE: 5 } as const;
const TRANSPORTS: readonly ClientTransport[] = ["udp", "tcp", "dot"];

onBothGenerations(
  ({ name: generation, options }) => {
    const name = `t_zone_${generation}`;
    let lab: Lab;

    const folder = (...path: readonly string[]) => join(labDirectory(name), "servers", "auth2.nsd", ...path);
    const control = (...words: readonly string[]) =>
      command([
        ...["ip", "netns", "exec", namespaceName(name, "auth2")],
        ...["nsd-control", "-c", folder("nsd.conf"), ...words],
      ]);

    /** Has auth2 keep differences of its zones, and take NOTIFY. */
    async function prepareServer(): Promise<void> {
      const text = readFileSync(folder("nsd.conf"), "utf8");
      const settings = "zone:\n  store-ixfr: yes\n  create-ixfr: yes\n  allow-notify: 0.0.0.0/0 NOKEY\n";
      writeFileSync(folder("nsd.conf"), text.replaceAll("zone:\n", settings));
      await control("reconfig");
    }

    /** Changes auth2's zone to serial 2 with one more record. */
    async function changeZone(): Promise<void> {
      const zone = folder("zone.example.com");
      const text = readFileSync(zone, "utf8").replace(" hostmaster 1 ", " hostmaster 2 ");
      writeFileSync(zone, `${text}new.example.com. A 192.0.2.99\n`);
      await control("reload", "example.com");
      await lab.waitFor(async () => {
        const { address } = lab.server("auth2");
        return (await lab.client(SECONDARY).query("new.example.com", "A", { server: address })).status === "NOERROR";
      });
    }

    /** The servers that got messages of a client for a name since they were cleared. */
    async function receivers(of: string): Promise<Record<string, number>> {
      const logs = await Promise.all(
        lab.servers.map(async (server) => [server.name, (await server.queries({ name: of })).length] as const),
      );
      return Object.fromEntries(logs.filter(([, count]) => count > 0));
    }

    beforeAll(async () => {
      lab = await Lab.start([model], {
        name,
        ...options,
        secrets: { [CERTIFICATE]: LabSecret.certificate("dns.example.com") },
      });
      for (const address of [SECONDARY, WRITER, STRANGER]) {
        await lab.client(address).query("www.example.com", "A", { server: INSPECTED });
      }
      await prepareServer();
    });

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(name)).toEqual(NOTHING);
    });

    describe("a transfer", () => {
      const WHOLE = { end: "whole" };
      const XOT = { tls: ["TLSv1.3", "dot"] };

      test("by AXFR arrives over TCP and over TLS 1.3, with dot as its protocol", async () => {
        expect(await transfer(lab, SECONDARY, AXFR)).toMatchObject({ ...WHOLE, records: 8 });
        expect(await transfer(lab, SECONDARY, AXFR, "--tls")).toMatchObject({ ...WHOLE, ...XOT, records: 8 });
        const all = { ...AXFR, server: EVERYBODY };
        expect(await transfer(lab, STRANGER, all, "--tls")).toMatchObject({ ...WHOLE, ...XOT, records: 8 });
      });

      test("does not come to pass over TLS 1.2", async () => {
        const { end } = await transfer(lab, SECONDARY, AXFR, "--tls", "--tls-at-most", "1.2");
        expect(end).toMatch(/^cut: .*(PROTOCOL_VERSION|protocol version)/);
      });

      test("by IXFR brings what has changed, by HAProxy alone and by dnsdist, over TCP and TLS", async () => {
        await changeZone();
        const since = ["--ixfr", 1] as const;
        const before = ["--before", "www.example.com"] as const;
        const ways: readonly (readonly [string, readonly (string | number)[]])[] = [
          [INSPECTED, since],
          [INSPECTED, [...since, "--tls"]],
          [INSPECTED, [...since, ...before]],
          [INSPECTED, [...since, ...before, "--tls"]],
          [EVERYBODY, since],
          [EVERYBODY, [...since, "--tls"]],
        ];
        const results: Transferred[] = [];
        for (const [server, how] of ways) results.push(await transfer(lab, SECONDARY, { ...IXFR, server }, ...how));
        expect(results.map(({ end, records }) => [end, records])).toEqual(ways.map(() => ["whole", 5]));
      });

      test("by IXFR says that nothing has changed, and is refused to strangers", async () => {
        const none = { ...IXFR, records: 1 };
        for (const how of [[], ["--tls"], ["--before", "www.example.com"]]) {
          expect(await transfer(lab, SECONDARY, none, "--ixfr", 2, ...how)).toMatchObject({ ...WHOLE, records: 1 });
          expect(await transfer(lab, STRANGER, none, "--ixfr", 2, ...how)).toMatchObject({ end: "rcode 5" });
        }
      });

      test("is told to come over TCP when it asks over UDP", async () => {
        const ask = (client: string) => lab.client(client).query("example.com", "IXFR", { server: INSPECTED });
        expect(await ask(SECONDARY)).toMatchObject({ status: "NOERROR", truncated: true });
        expect((await ask(STRANGER)).status).toBe("REFUSED");
      });
    });

    describe("NOTIFY and UPDATE", () => {
      test.each(TRANSPORTS)(
        "reach one server from their sources alone over %s",
        async (transport) => {
          for (const [operation, opcode] of Object.entries(OPCODES)) {
            const source = operation === "NOTIFY" ? SECONDARY : WRITER;
            for (const server of lab.servers) server.clearQueries();
            const send = (client: string) =>
              lab.client(client).query(WRITTEN, "SOA", { server: INSPECTED, transport, opcode });
            for (const other of [SECONDARY, WRITER, STRANGER].filter((client) => client !== source)) {
              expect(await send(other), `${operation} of ${other}`).toMatchObject({ status: "REFUSED" });
            }
            expect(await receivers(WRITTEN)).toEqual({});
            // NSD takes no UPDATE.
            expect((await send(source)).status).toBe(operation === "NOTIFY" ? "NOERROR" : "NOTIMP");
            expect(await receivers(WRITTEN), operation).toEqual({ auth2: 1 });
          }
        },
        60_000,
      );

      test.each(TRANSPORTS)(
        "of anybody are refused over %s where TCP goes past dnsdist",
        async (transport) => {
          for (const server of lab.servers) server.clearQueries();
          for (const opcode of Object.values(OPCODES)) {
            const answer = await lab
              .client(SECONDARY)
              .query("direct.example.com", "SOA", { server: DIRECT, transport, opcode });
            expect(answer.status).toBe("REFUSED");
          }
          expect(await receivers("direct.example.com")).toEqual({});
          const other = await lab.client(SECONDARY).query("direct.example.com", "A", { server: DIRECT, transport });
          expect(other.status).toBe("NXDOMAIN");
          expect(await receivers("direct.example.com")).toEqual({ plain1: 1 });
        },
        30_000,
      );
    });

    test("the next server takes over while the first is down or drained, and gives back", async () => {
      const serves = async () => {
        for (const server of lab.servers) server.clearQueries();
        const ways = [[], ["--tls"], ["--before", "www.example.com"]];
        for (const how of ways) expect((await transfer(lab, SECONDARY, AXFR, ...how)).end).toBe("whole");
        await lab.client(SECONDARY).query("example.com", "SOA", { server: INSPECTED });
        await lab.client(SECONDARY).query(WRITTEN, "SOA", { server: INSPECTED, opcode: OPCODES.NOTIFY });
        const got = await Promise.all(
          ["auth1", "auth2"].map(async (each) => {
            const log = await lab.server(each).queries();
            const transfers = log.filter(({ type }) => type === "AXFR").length;
            return { transfers, notified: log.some(({ name: asked }) => asked === `${WRITTEN}.`) };
          }),
        );
        return { auth1: got[0], auth2: got[1] };
      };
      const all = { transfers: 3, notified: true };
      const none = { transfers: 0, notified: false };
      expect(await serves()).toEqual({ auth1: none, auth2: all });
      await lab.server("auth2").stop();
      await lab.waitFor(async () => (await lab.node("lb1").agent("status")).stdout.includes("down"), {
        timeout: "15s",
      });
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(await serves()).toEqual({ auth1: all, auth2: none });
      await lab.server("auth2").start();
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect(await serves()).toEqual({ auth1: none, auth2: all });
      await lab.node("lb1").agent("drain", "authoritative/auth2");
      expect(await serves()).toEqual({ auth1: all, auth2: none });
      await lab.node("lb1").agent("undrain", "authoritative/auth2");
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(await serves()).toEqual({ auth1: none, auth2: all });
    }, 120_000);
  },
  { ownIfShort: true },
);
