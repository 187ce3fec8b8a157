import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../../lib/testing/lab/index.js";
import { namespaceName } from "../../lib/testing/lab/names.js";
import { onBothGenerations } from "./generations.js";
import { frontend, resolverPool, servers, standalone } from "./models.js";

/* Replaces the article's pass-through (S15), which encrypted twice, verified nothing, and answered in the clear. */

const OWN = "10.0.0.2";
const CLIENT = "10.0.0.77";
const WHOAMI = "whoami.dns-lb.test";
const NAME = "ns1.example.com";

const passing = (name: string, port: number, serversJudge: boolean) =>
  ({ kind: "pass-through", name, port, serverName: NAME, serversJudge, idleTimeout: "10s" }) as const;

/** A frontend whose servers do not learn who asks, and one whose servers do, and judge. */
const model = standalone({
  frontends: [
    frontend({ addresses: [OWN], listeners: [...frontend().listeners, passing("dot", 853, false)] }),
    frontend({
      ...{ name: "judged", addresses: [OWN], tcpPath: "inspected" },
      pool: resolverPool({
        ...{ name: "judging", servers: servers("judge", "192.168.1.20", 1), clientAddress: "proxy-protocol" },
      }),
      listeners: [{ kind: "dns", name: "judged", port: 5353, idleTimeout: "10s" }, passing("judged-dot", 8853, true)],
    }),
  ],
});

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start([model], { ...options, name: `passing_${name}` });
    });
    afterAll(() => lab?.stop());

    const ask = (port: number, transport: "tcp" | "dot" = "dot", tlsName = NAME) =>
      lab
        .client(CLIENT)
        .query(WHOAMI, "TXT", { server: OWN, port, transport, ...(transport === "dot" ? { tlsName } : {}) });
    const answers = (port: number) =>
      lab.waitFor(async () => (await ask(port)).status === "NOERROR", { timeout: "20s", what: `${port} answers` });
    const state = async (server: string, backend: string) => {
      const { stdout } = await lab.node("lb1").agent("status");
      const line = stdout.split("\n").find((each) => each.startsWith(`${server}:`)) ?? "";
      return new RegExp(`haproxy ${backend} (UP|DOWN)`).exec(line)?.[1] ?? line;
    };

    test("clients verify the certificate of the server, which no node has", async () => {
      await answers(853);
      expect(await ask(853)).toMatchObject({ status: "NOERROR", answers: [expect.stringMatching(/^resolver[12]$/)] });
      expect((await ask(853, "dot", "other.example.com")).status).not.toBe("NOERROR");
      expect(lab.node("lb1").nodeSpec.secretFiles).toEqual([]);
    });

    test("what is not TLS is answered by nobody and reaches no server", async () => {
      for (const server of lab.servers) server.clearQueries();
      for (const port of [853, 8853]) expect((await ask(port, "tcp")).status).toBe("CONNECTION-CLOSED");
      for (const server of lab.servers) {
        expect(await server.queries({ name: WHOAMI, settle: "2500ms" })).toEqual([]);
      }
    });

    test("a server that fails over TLS is out, and back when it is well", async () => {
      expect(await state("resolvers/resolver1", "dot:tls")).toBe("UP");
      await lab.server("resolver1").ill();
      await lab.waitFor(async () => (await state("resolvers/resolver1", "dot:tls")) === "DOWN", { what: "it is out" });
      for (let round = 0; round < 6; round += 1) expect((await ask(853)).answers).toEqual(["resolver2"]);
      await lab.server("resolver1").well();
      await lab.waitFor(async () => (await state("resolvers/resolver1", "dot:tls")) === "UP", { what: "it is back" });
    });

    test("servers that judge learn who asks, before TLS begins", async () => {
      // unbound takes no PROXY header there.
      await lab.server("judge1").stop();
      const { certificate, key } = await lab.certificate(NAME);
      const inside = ["netns", "exec", namespaceName(lab.name, "judge1")];
      const program = ["python3", join(__dirname, "judging-server.py"), "853", certificate, key];
      const judge = spawn("ip", [...inside, ...program], { stdio: "inherit" });
      try {
        await answers(8853);
        expect(await ask(8853)).toMatchObject({ status: "NOERROR", answers: [CLIENT] });
        expect(await state("judging/judge1", "judged-dot:tls")).toBe("UP");
      } finally {
        judge.kill("SIGKILL");
      }
    });

    test("servers with a certificate for another name serve nobody", async () => {
      // The node alone changes: its servers keep their certificates.
      const node = lab.node("lb1");
      const files = node.nodeSpec.files.map((each) => ({
        ...each,
        content: each.content.replaceAll(NAME, "other.example.com"),
      }));
      await node.apply({ ...node.nodeSpec, files });
      for (const server of ["resolver1", "resolver2"]) {
        const isDown = async () => (await state(`resolvers/${server}`, "dot:tls")) === "DOWN";
        await lab.waitFor(isDown, { what: `${server} is out` });
      }
      expect((await ask(853)).status).not.toBe("NOERROR");
    });
  },
  { ownIfShort: true },
);
