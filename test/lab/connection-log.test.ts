import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { namespaceName } from "../../lib/testing/lab/names.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { dnsListener, frontend, standalone } from "./models.js";

const CLIENT = "10.0.0.77";
const COLLECTOR = "10.0.0.99";
const CERTIFICATE = "certs/dns.pem";
/** Prints what comes to the port of syslog, a line each. */
const COLLECT = `
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 514))
print("listens", flush=True)
while True:
    print(server.recv(4096).decode().strip(), flush=True)
`;

const model = standalone({
  nodes: [{ name: "lb1", addresses: ["10.0.0.2", "10.0.0.3"], interface: "eth0" }],
  frontends: [
    frontend({
      addresses: ["10.0.0.2"],
      listeners: [
        dnsListener("internal"),
        {
          ...{ kind: "dot", name: "dot", port: 853, minimumTlsVersion: "1.2", idleTimeout: "10s" },
          certificate: { kind: "local-file", path: CERTIFICATE },
        },
      ],
    }),
    frontend({ name: "busy", addresses: ["10.0.0.3"], logConnections: false }),
  ],
});

onBothGenerations(
  ({ name: generation, options }) => {
    const name = `t_log_${generation}`;
    const secrets = { [CERTIFICATE]: LabSecret.certificate("dns.example.com") };
    let lab: Lab;
    let collector: ChildProcess | undefined;
    let collected = "";

    beforeAll(async () => {
      const connectionLog = { format: "text", target: { kind: "local" } } as const;
      lab = await Lab.start([{ ...model, connectionLog }], { name, ...options, secrets });
    });
    afterAll(async () => {
      collector?.kill();
      await lab?.stop();
      expect(leftovers(name)).toEqual(NOTHING);
    });

    const ask = (server: string, transport: "udp" | "tcp" | "dot" = "tcp") =>
      lab.client(CLIENT).query("www.example.com", "A", { server, transport, tlsName: "dns.example.com" });
    const logged = () =>
      lab
        .node("lb1")
        .logs("haproxy")
        .split("\n")
        .filter((line) => line.includes(`client=${CLIENT}`));
    const askAll = async () => {
      for (const transport of ["tcp", "dot", "udp"] as const) {
        expect((await ask("10.0.0.2", transport)).status).toBe("NOERROR");
      }
      expect((await ask("10.0.0.3")).status).toBe("NOERROR");
    };

    test("has a line for each connection, over TCP and over TLS, in the node's own log", async () => {
      await askAll();
      await expect.poll(logged, { timeout: 5_000 }).toHaveLength(2);
      const [plain = "", encrypted = ""] = logged();
      expect(plain).toMatch(
        /^\[\S+\] client=10\.0\.0\.77 clientPort=\d+ frontend=internal address=10\.0\.0\.2 port=53 tls=- server=resolvers\/resolver[12] queued=\d+ connected=\d+ total=\d+ received=\d+ sent=\d+ end=-- retries=0 connections=\d+$/,
      );
      expect(encrypted).toMatch(/ frontend=dot address=10\.0\.0\.2 port=853 tls=TLSv1\.[23] server=resolvers\//);
    });

    test("goes to a syslog server as JSON", async () => {
      const connectionLog = {
        format: "json",
        target: { kind: "syslog", address: COLLECTOR, port: 514, facility: "local3" },
      } as const;
      await lab.client(COLLECTOR).query("www.example.com", "A", { server: "10.0.0.2" });
      const inside = ["netns", "exec", namespaceName(name, `client-${COLLECTOR}`), "python3", "-c", COLLECT];
      collector = spawn("ip", inside, { stdio: ["ignore", "pipe", "inherit"] });
      collector.stdout?.on("data", (data) => {
        collected += data;
      });
      await expect.poll(() => collected, { timeout: 5_000 }).toContain("listens");
      await lab.apply([{ ...model, connectionLog }]);
      const before = logged().length;
      await askAll();
      const messages = () => collected.split("\n").filter((line) => line.includes(`"client":"${CLIENT}"`));
      await expect.poll(messages, { timeout: 5_000 }).toHaveLength(2);
      const [priority, json = ""] = /^<(\d+)>1 .*? (\{.*\})$/.exec(messages()[0] ?? "")?.slice(1) ?? [];
      // local3, informational.
      expect(priority).toBe(String(19 * 8 + 6));
      expect(JSON.parse(json)).toMatchObject({
        ...{ client: CLIENT, frontend: "internal", address: "10.0.0.2", port: 53, end: "--", retries: "0" },
        server: expect.stringMatching(/^resolvers\/resolver[12]$/),
        ...{ clientPort: expect.any(Number), total: expect.any(Number), sent: expect.any(Number) },
      });
      expect(logged()).toHaveLength(before);
    });

    test("holds up nobody when its server is gone", async () => {
      collector?.kill();
      const load = await lab.client(CLIENT).load({
        ...{ name: "www.example.com", server: "10.0.0.2", transport: "tcp", connections: "new", count: 200, rate: 200 },
      });
      expect(await load.done).toMatchObject({ answered: 200, lost: 0 });
    });
  },
  { ownIfShort: true },
);
