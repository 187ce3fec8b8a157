import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../../lib/model/route.js";
import { Lab, LabSecret } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, dnsListener, frontend, resolverPool, servers, standalone } from "../models.js";

const HERE = "10.0.0.2";
const CLIENT = "10.0.0.77";
const GUEST = "10.0.0.88";
const CERTIFICATE = "certs/dns.example.com.pem";

const poolOf = (name: string, address: string, more = {}) =>
  resolverPool({ name, servers: servers(name, address, 1), ...more });
const resolvers = poolOf("resolver", "192.168.1.10");
const directory = poolOf("directory", "192.168.1.20", { fallback: poolOf("spare", "192.168.1.30") });
const services = poolOf("service", "192.168.1.40");
const filtered = poolOf("filtered", "192.168.1.50");
const zones = authoritativePool({
  ...{ name: "zones", servers: servers("auth", "192.168.1.60", 1), zones: ["zone.example.net."] },
  healthCheck: { ...authoritativePool().healthCheck, name: "zone.example.net." },
  zoneTransfer: { servers: ["auth1"], allowFrom: [`${CLIENT}/32`] },
});

const every = { from: [], names: [], types: [] };
const routes: readonly Route[] = [
  { ...every, pool: filtered, from: [`${GUEST}/32`] },
  { ...every, pool: services, names: ["corp.example.com."], types: ["SRV"] },
  { ...every, pool: directory, names: ["corp.example.com."] },
  { ...every, pool: resolvers, names: ["dmz.corp.example.com."] },
  { ...every, pool: zones, names: ["zone.example.net."] },
];

const model = standalone({
  frontends: [
    frontend({
      ...{ addresses: [HERE], pool: resolvers, tcpPath: "inspected", routes },
      accessRules: [{ action: "refuse", from: [], names: ["blocked.corp.example.com."], types: [] }],
      listeners: [
        dnsListener("internal"),
        {
          ...{ kind: "dot", name: "dot", port: 853, minimumTlsVersion: "1.2", idleTimeout: "10s" },
          certificate: { kind: "local-file", path: CERTIFICATE },
        },
      ],
    }),
  ],
});

/** Queries below a name, and the server that must get them. */
const TABLE: readonly (readonly [below: string, type: string, client: string, server: string])[] = [
  ["example.org", "A", CLIENT, "resolver1"],
  ["corp.example.com", "A", CLIENT, "directory1"],
  ["deep.CORP.example.com", "A", CLIENT, "directory1"],
  ["corp.example.com", "SRV", CLIENT, "service1"],
  ["dmz.corp.example.com", "SRV", CLIENT, "resolver1"],
  ["notcorp.example.com", "A", CLIENT, "resolver1"],
  ["zone.example.net", "A", CLIENT, "auth1"],
  ["example.org", "A", GUEST, "filtered1"],
  ["corp.example.com", "A", GUEST, "directory1"],
];

onBothGenerations(
  ({ name: generation, options }) => {
    const name = `t_routes_${generation}`;
    let lab: Lab;
    let count = 0;

    beforeAll(async () => {
      const secrets = { [CERTIFICATE]: LabSecret.certificate("dns.example.com") };
      lab = await Lab.start([model], { name, ...options, secrets });
    });

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(name)).toEqual(NOTHING);
    });

    /** Asks for a new name, and tells the status and the servers that were asked. */
    async function reached(below: string, type: string, client: string, transport: "udp" | "tcp" | "dot") {
      count += 1;
      const asked = `q${count}.${below}`;
      const { status } = await lab.client(client).query(asked, type, { server: HERE, transport });
      const logged = await Promise.all(
        lab.servers.map(async (server) => ((await server.queries({ name: asked })).length > 0 ? [server.name] : [])),
      );
      return { status, servers: logged.flat() };
    }

    describe.each(["udp", "tcp", "dot"] as const)("over %s", (transport) => {
      test.each(TABLE)("below %s, %s of %s goes to %s alone", async (below, type, client, server) => {
        const { status, servers: all } = await reached(below, type, client, transport);
        expect(["NOERROR", "NXDOMAIN", "REFUSED"]).toContain(status);
        expect(all).toEqual([server]);
      });

      test("access rules come first", async () => {
        const refused = await reached("blocked.corp.example.com", "A", CLIENT, transport);
        expect(refused).toEqual({ status: "REFUSED", servers: [] });
      });
    });

    test("an authoritative pool answers as such, and lets those transfer who may", async () => {
      const soa = await lab.client(CLIENT).query("zone.example.net", "SOA", { server: HERE });
      expect(soa).toMatchObject({ status: "NOERROR", flags: expect.arrayContaining(["aa"]) });
      const transfer = (client: string, zone: string) =>
        lab.client(client).query(zone, "AXFR", { server: HERE, transport: "tcp" });
      expect((await transfer(CLIENT, "zone.example.net")).status).toBe("NOERROR");
      expect((await transfer(GUEST, "zone.example.net")).status).toBe("REFUSED");
      expect((await transfer(CLIENT, "corp.example.com")).status).toBe("REFUSED");
      expect((await transfer(CLIENT, "example.org")).status).toBe("REFUSED");
      const notify = { server: HERE, opcode: 4 };
      expect((await lab.client(CLIENT).query("zone.example.net", "SOA", notify)).status).toBe("REFUSED");
    });

    test("a pool that fails falls back by itself, is told by status, and is no fault of the node", async () => {
      await lab.server("directory1").ill();
      for (const transport of ["udp", "dot"] as const) {
        const falls = async () =>
          (await reached("corp.example.com", "A", CLIENT, transport)).servers.join() === "spare1";
        await lab.waitFor(falls, { what: `the fallback serves ${transport}`, timeout: "20s" });
      }
      expect((await reached("example.org", "A", CLIENT, "udp")).servers).toEqual(["resolver1"]);
      const { stdout } = await lab.node("lb1").agent("status");
      expect(stdout).toMatch(/directory.*down/s);
      expect(JSON.parse((await lab.node("lb1").agent("status", "--json")).stdout).failedChecks).toEqual([]);
      await lab.server("directory1").well();
      await lab.waitFor(
        async () => (await reached("corp.example.com", "A", CLIENT, "udp")).servers.join() === "directory1",
        { what: "the pool is back", timeout: "20s" },
      );
    });

    test("a server of a route's pool can be drained", async () => {
      await lab.node("lb1").agent("drain", "directory/directory1");
      expect((await reached("corp.example.com", "A", CLIENT, "udp")).servers).toEqual(["spare1"]);
      await lab.node("lb1").agent("undrain", "directory/directory1");
      await lab.waitFor(
        async () => (await reached("corp.example.com", "A", CLIENT, "udp")).servers.join() === "directory1",
        { what: "the server is back", timeout: "20s" },
      );
    });
  },
  { ownIfShort: true },
);
