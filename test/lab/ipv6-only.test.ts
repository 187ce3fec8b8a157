import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, dnsListener, frontend, pair, resolverPool } from "./models.js";

const [SHARED, PUBLIC, CLIENT] = ["fd00::53", "2001:db8:113::53", "fd00::77"];
const CERTIFICATE = "certs/dns.example.com.pem";
const members = (name: string, network: string) =>
  [1, 2].map((index) => ({ name: `${name}${index}`, address: `${network}${index}`, port: 53, weight: 1 }));

/** A pair that has no IPv4: nodes, servers, clients, a router and statistics. */
const model = pair({
  nodes: ["2", "3"].map((host, index) => ({
    name: `lb${index + 1}`,
    addresses: [`fd00::${host}`],
    interface: "eth0",
  })),
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: PUBLIC, interface: "eth1", gateway: "2001:db8:113::1" },
  ],
  frontends: [
    frontend({
      addresses: [SHARED],
      allowFrom: ["fd00::/8"],
      pool: resolverPool({ servers: members("resolver", "fd00:1::1") }),
      listeners: [
        dnsListener("internal"),
        {
          kind: "dot",
          name: "dot",
          port: 853,
          certificate: { kind: "local-file", path: CERTIFICATE },
          minimumTlsVersion: "1.2",
          idleTimeout: "10s",
        },
      ],
    }),
    frontend({
      name: "public",
      addresses: [PUBLIC],
      allowFrom: ["::/0"],
      pool: authoritativePool({ servers: members("auth", "fd00:1::2") }),
      tcpPath: "inspected",
    }),
  ],
});

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_ipv6_${name}`;
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start([model], {
        name: NAME,
        secrets: { [CERTIFICATE]: LabSecret.certificate("dns.example.com") },
        ...options,
      });
    });
    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    test("no host has an IPv4 address but loopback ones", async () => {
      for (const { name: node } of lab.nodes) {
        const { stdout } = await lab.node(node).exec(["ip", "-4", "-o", "address", "show"]);
        expect(stdout.match(/inet \S+/g)).toEqual(["inet 127.0.0.1/8"]);
      }
    });

    test("UDP, TCP and TLS are answered, direct and inspected", async () => {
      const client = lab.client(CLIENT);
      for (const transport of ["udp", "tcp", "dot"] as const) {
        const answer = await client.query("www.example.com", "AAAA", {
          server: SHARED,
          transport,
          tlsName: "dns.example.com",
        });
        expect(answer.status, transport).toBe("NOERROR");
      }
      for (const transport of ["udp", "tcp"] as const) {
        const stranger = lab.client("2001:db8:99::77");
        expect((await stranger.query("www.example.com", "A", { server: PUBLIC, transport })).status).toBe("NOERROR");
      }
    });

    test("a dead server is left out, and the node whose servers are gone gives way", async () => {
      const [leader = ""] = await lab.holders(SHARED);
      const other = lab.nodes.find((node) => node.name !== leader)?.name ?? "";
      expect((await lab.node(leader).agent("ready")).status).toBe(0);
      await lab.node(leader).partition("both", { from: ["resolver1", "resolver2"] });
      await lab.waitFor(async () => (await lab.holders(SHARED))[0] === other, {
        timeout: "15s",
        what: "the peer leads",
      });
      await lab.node(leader).heal();
      await lab.waitUntilReady();
    });

    test("the other node takes over when the leader loses its power, and follows when it is back", async () => {
      const [leader = ""] = await lab.holders(SHARED);
      await lab.node(leader).kill();
      expect(await lab.takeoverTime()).toBeLessThan(1_000);
      expect(await lab.holders(SHARED)).not.toContain(leader);
      await lab.node(leader).start();
      await lab.waitUntilReady();
      expect(await lab.holders(SHARED)).not.toContain(leader);
    });
  },
  { ownIfShort: true },
);
