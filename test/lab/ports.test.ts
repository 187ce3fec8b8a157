import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { authoritativePool, dnsListener, frontend, pair, resolverPool, servers } from "./models.js";

const SHARED = "10.0.0.53";
const OTHER = "10.0.0.54";
const CERTIFICATE = "certs/dns.example.com.pem";
const WHOAMI = "whoami.dns-lb.test";

const dot = (name: string, port: number) => ({
  ...({ kind: "dot", name, port, minimumTlsVersion: "1.2", idleTimeout: "10s" } as const),
  certificate: { kind: "local-file", path: CERTIFICATE } as const,
});

/** Three frontends on one address by port, direct and inspected, and one on another address. */
const model = pair({
  virtualAddresses: [SHARED, OTHER].map((address) => ({ address, interface: "eth0" })),
  frontends: [
    frontend({ listeners: [dnsListener("internal"), dot("dot", 853)], tcpPath: "inspected" }),
    frontend({
      name: "second",
      pool: resolverPool({ name: "second", servers: servers("second", "192.168.1.30", 1) }),
      listeners: [dnsListener("second", 5353), dot("second-dot", 8853)],
      tcpPath: "inspected",
    }),
    frontend({
      name: "third",
      allowFrom: ["10.0.0.78/32"],
      pool: resolverPool({ name: "third", servers: servers("third", "192.168.1.40", 1) }),
      listeners: [dnsListener("third", 5300)],
    }),
    frontend({
      name: "public",
      addresses: [OTHER],
      pool: authoritativePool({ servers: servers("auth", "192.168.1.20", 1) }),
    }),
  ],
});

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      const secrets = { [CERTIFICATE]: LabSecret.certificate("dns.example.com") };
      lab = await Lab.start([model], { ...options, name: `ports_${name}`, secrets });
    });
    afterAll(() => lab?.stop());

    const ask = (port: number, transport: "udp" | "tcp" | "dot", { client = "10.0.0.78", server = SHARED } = {}) =>
      lab
        .client(client)
        .query(WHOAMI, "TXT", { server, port, transport, tlsName: "dns.example.com", timeout: "500ms" });

    test.each([
      [53, "udp", /^resolver[12]$/],
      [53, "tcp", /^resolver[12]$/],
      [853, "dot", /^resolver[12]$/],
      [5353, "udp", /^second1$/],
      [5353, "tcp", /^second1$/],
      [8853, "dot", /^second1$/],
      [5300, "udp", /^third1$/],
      [5300, "tcp", /^third1$/],
    ] as const)("port %i answers over %s from the pool of its frontend", async (port, transport, server) => {
      expect(await ask(port, transport)).toMatchObject({
        status: "NOERROR",
        answers: [expect.stringMatching(server)],
      });
    });

    test("each port has the access rules of its frontend", async () => {
      expect((await ask(5300, "udp", { client: "10.0.0.77" })).status).toBe("REFUSED");
      expect((await ask(5300, "tcp", { client: "10.0.0.77" })).status).toBe("CONNECTION-CLOSED");
      expect((await ask(5353, "udp", { client: "10.0.0.77" })).status).toBe("NOERROR");
    });

    test("a port that is another address's answers nothing", async () => {
      const there = await lab.client("10.0.0.78").query("www.example.com", "A", { server: OTHER });
      expect(there.status).toBe("NOERROR");
      for (const port of [5300, 5353]) {
        expect((await ask(port, "udp", { server: OTHER })).status).toBe("TIMEOUT");
        expect((await ask(port, "tcp", { server: OTHER })).status).not.toBe("NOERROR");
      }
    });
  },
  { ownIfShort: true },
);

/** A pair whose nodes do not use port 53 at all: there may be something else. */
const elsewhere = pair({
  frontends: [frontend({ listeners: [dnsListener("internal", 5353)], tcpPath: "inspected" })],
});

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start([elsewhere], { ...options, name: `port_${name}` });
    });
    afterAll(() => lab?.stop());

    test.each(["udp", "tcp"] as const)("a pair without port 53 answers over %s", async (transport) => {
      const answer = await lab.client("10.0.0.77").query(WHOAMI, "TXT", { server: SHARED, port: 5353, transport });
      expect(answer).toMatchObject({ status: "NOERROR", answers: [expect.stringMatching(/^resolver[12]$/)] });
    });

    test("its daemons leave port 53 alone", async () => {
      for (const { name: node } of lab.nodes) {
        const { stdout } = await lab.node(node).exec(["ss", "-lntuH"]);
        expect(stdout).toMatch(/:5353\s/);
        expect(stdout).not.toMatch(/:53\s/);
      }
    });

    test("the node whose servers are gone gives way to its peer, which it asks at that port", async () => {
      const [leader = ""] = await lab.holders(SHARED);
      const other = lab.nodes.find((node) => node.name !== leader)?.name ?? "";
      expect((await lab.node(leader).agent("status")).stdout).toMatch(/peer \S+: serves/);
      await lab.node(leader).partition("both", { from: ["resolver1", "resolver2"] });
      await lab.waitFor(async () => (await lab.holders(SHARED))[0] === other, {
        timeout: "15s",
        what: "the peer leads",
      });
    });
  },
  { ownIfShort: true },
);
