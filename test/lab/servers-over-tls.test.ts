import { afterAll, beforeAll, expect, test } from "vitest";
import type { Secret } from "../../lib/model/secret.js";
import { Lab, LabSecret } from "../../lib/testing/lab/index.js";
import { testCertificate } from "../certificates.js";
import { onBothGenerations } from "./generations.js";
import { dnsListener, frontend, resolverPool, servers, standalone } from "./models.js";

/* Replaces the article's "ssl verify none" towards servers (S15): names and chains are verified on every path. */

const OWN = "10.0.0.2";
const WHOAMI = "whoami.dns-lb.test";
const CERTIFICATE = "certs/dns.pem";
const [PRIVATE, STRANGER] = ["certs/private.pem", "certs/stranger.pem"];
const file = (path: string): Secret => ({ kind: "local-file", path });
const stranger = testCertificate({ subject: "an authority of others", ca: true });

const encrypted = (name: string, first: string, tls: string) =>
  servers(name, first, 2, 853).map((server) => ({ ...server, tls: { name: tls } }));

const dot = (name: string, port: number) => ({
  ...({ kind: "dot", name, port, minimumTlsVersion: "1.2", idleTimeout: "10s" } as const),
  certificate: file(CERTIFICATE),
});

/** One server, which has the last name of those by which pools ask it. */
const named = (name: string, tls: string, trust: Secret, [plain, secure]: readonly [number, number]) =>
  frontend({
    ...{ name, addresses: [OWN] },
    pool: resolverPool({ name, servers: encrypted("named", "192.168.1.30", tls).slice(0, 1), trust }),
    listeners: [dnsListener(name, plain), dot(`${name}-dot`, secure)],
  });

/** Two frontends, direct and inspected, whose servers are signed by a private authority. */
const model = (trust: Secret) =>
  standalone({
    frontends: [
      frontend({
        addresses: [OWN],
        pool: resolverPool({ servers: encrypted("resolver", "192.168.1.10", "resolver.test"), trust }),
        listeners: [...frontend().listeners, dot("dot", 853)],
      }),
      frontend({
        ...{ name: "inspected", addresses: [OWN], tcpPath: "inspected" },
        pool: resolverPool({ name: "others", servers: encrypted("other", "192.168.1.20", "other.test"), trust }),
        listeners: [dnsListener("inspected", 5353), dot("inspected-dot", 8853)],
      }),
      named("a-wrong", "wrong.test", trust, [5400, 9853]),
      named("b-right", "right.test", trust, [5500, 9854]),
    ],
  });

const PATHS = [
  [53, "udp", /^resolver[12]$/],
  [53, "tcp", /^resolver[12]$/],
  [853, "dot", /^resolver[12]$/],
  [5353, "udp", /^other[12]$/],
  [5353, "tcp", /^other[12]$/],
  [8853, "dot", /^other[12]$/],
] as const;

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      const secrets = {
        [CERTIFICATE]: LabSecret.certificate("dns.example.com"),
        [PRIVATE]: LabSecret.authority(),
        [STRANGER]: stranger.pem,
      };
      lab = await Lab.start([model(file(PRIVATE))], {
        ...options,
        name: `encrypted_${name}`,
        secrets,
        readyWithin: "0s",
      });
      for (const [port, transport] of PATHS) await answers(port, transport);
    });
    afterAll(() => lab?.stop());

    const answers = (port: number, transport: "udp" | "tcp" | "dot") =>
      lab.waitFor(async () => (await ask(port, transport)).status === "NOERROR", {
        timeout: "20s",
        what: `${transport} on port ${port} answers`,
      });
    const ask = (port: number, transport: "udp" | "tcp" | "dot") =>
      lab.client("10.0.0.77").query(WHOAMI, "TXT", { server: OWN, port, transport, timeout: "2s" });

    test.each(PATHS)(
      "port %i answers over %s, and the server is asked over TLS alone",
      async (port, transport, server) => {
        for (const each of lab.servers) each.clearQueries();
        const answer = await ask(port, transport);
        expect(answer).toMatchObject({ status: "NOERROR", answers: [expect.stringMatching(server)] });
        const asked = await lab.server(answer.answers[0] ?? "").queries();
        expect(asked.some((query) => query.name === `${WHOAMI}.`)).toBe(true);
        // The log of older servers calls TLS by its transport. Their ports speak nothing else.
        expect(asked.every((query) => query.transport !== "udp")).toBe(true);
      },
    );

    test("HAProxy judges the servers itself, by their answers, names and chains", async () => {
      const { stdout } = await lab.node("lb1").agent("status");
      const state = (server: string) => new RegExp(`^${server}: haproxy \\S+ (UP|DOWN)`, "m").exec(stdout)?.[1];
      const servers = ["resolvers/resolver1", "resolvers/resolver2", "b-right/named1", "a-wrong/named1"];
      expect(servers.map(state), stdout).toEqual(["UP", "UP", "UP", "DOWN"]);
    });

    test("other authorities under the same path make every server one that cannot be trusted, until they are back", async () => {
      await lab.apply([model(file(STRANGER))]);
      for (const [port, transport] of PATHS) {
        await lab.waitFor(async () => (await ask(port, transport)).status !== "NOERROR", {
          timeout: "20s",
          what: `${transport} on port ${port} gets no answer of a stranger`,
        });
      }
      for (const each of lab.servers) each.clearQueries();
      for (const [port, transport] of PATHS) expect((await ask(port, transport)).status).not.toBe("NOERROR");
      for (const server of lab.servers) expect(await server.queries({ settle: "100ms" })).toEqual([]);

      await lab.apply([model(file(PRIVATE))]);
      for (const [port, transport] of PATHS) await answers(port, transport);
    });

    test.each(["udp", "tcp", "dot"] as const)(
      "a certificate for another name takes a server out over %s",
      async (transport) => {
        const [wrong, right] = transport === "dot" ? [9853, 9854] : [5400, 5500];
        await answers(right, transport);
        expect((await ask(wrong, transport)).status).not.toBe("NOERROR");
        const asked = await lab.server("named1").queries();
        expect(asked.some((query) => query.name === "health.example.com.")).toBe(true);
      },
    );
  },
  { ownIfShort: true },
);
