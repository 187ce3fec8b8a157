import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../../lib/testing/lab/index.js";
import { labDirectory, namespaceName } from "../../../lib/testing/lab/names.js";
import { rooted } from "../../../lib/testing/lab/root.js";
import { otherSuite } from "../../../scripts/debian/root.js";
import { otherGeneration } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, dnsListener, frontend, resolverPool, standalone } from "../models.js";
import { ALLOWED, DENIED, PORT, PROGRAMS, type Program } from "./programs.js";
import { SUITES, type Suite, serversRoot } from "./roots.js";

/*
 * DNS servers that this library does not deploy, behind a load balancer that tells them the addresses of clients by PROXY
 * headers: each takes the settings that `serverSettings()` gives, over UDP and over TCP on both paths, and is probed.
 */

const PATHS = ["inspected", "direct"] as const;
const TRANSPORTS = ["udp", "tcp"] as const;

describe.each(SUITES.map((suite) => [suite] as const))("the servers of %s, behind a load balancer", tests);

function tests(suite: Suite): void {
  const name = `t_behind_${suite}`;
  const tried = PROGRAMS.filter(({ versions }) => versions[suite] !== undefined);
  const place = (program: Program, path: (typeof PATHS)[number]) =>
    `10.0.0.${2 + 2 * PROGRAMS.indexOf(program) + PATHS.indexOf(path)}`;
  const server = (program: Program) => `192.168.2.${10 + PROGRAMS.indexOf(program)}`;
  const sources = PROGRAMS.flatMap((program) => PATHS.map((path) => place(program, path)));
  const model = standalone({
    nodes: [{ name: "lb1", addresses: sources, interface: "eth0" }],
    frontends: tried.flatMap((program) => {
      const { software, role } = program;
      const pool = (role === "resolver" ? resolverPool : authoritativePool)({
        name: software,
        servers: [{ name: software, address: server(program), port: PORT, weight: 1 }],
        clientAddress: "proxy-protocol",
        whenAllDown: "servfail",
      });
      return PATHS.map((path) =>
        frontend({
          ...{ name: `${software}-${path}`, addresses: [place(program, path)], tcpPath: path, pool },
          listeners: [dnsListener(`${software}-${path}`)],
        }),
      );
    }),
  });
  const children = new Map<string, ChildProcess>();
  let lab: Lab;

  const directoryOf = ({ software }: Program) => join(labDirectory(name), `behind-${software}`);
  const logOf = (program: Program) => readFileSync(join(directoryOf(program), "log"), "utf8");

  function start(program: Program, root: string): void {
    const version = program.versions[suite];
    if (version === undefined) return;
    const directory = directoryOf(program);
    const argv = program.command({ directory, address: server(program), version, sources });
    const log = openSync(join(directory, "log"), "a");
    const inside = ["netns", "exec", namespaceName(name, program.software), ...rooted(root, argv)];
    children.set(program.software, spawn("ip", inside, { stdio: ["ignore", log, log] }));
    closeSync(log);
  }

  const ask = (
    client: string,
    program: Program,
    path: (typeof PATHS)[number],
    transport: (typeof TRANSPORTS)[number],
  ) => lab.client(client).query("www.example.com", "A", { server: place(program, path), transport });

  beforeAll(async () => {
    const root = await serversRoot(suite).provide();
    lab = await Lab.start([model], { name, ...(suite === otherSuite() ? otherGeneration.options : {}) });
    for (const program of tried) {
      await lab.server(program.software).stop();
      start(program, root);
    }
  }, 900_000);

  afterAll(async () => {
    for (const child of children.values()) child.kill("SIGKILL");
    await lab?.stop();
    expect(leftovers(name)).toEqual(NOTHING);
  });

  describe.each(tried.map((program) => [program.software, program] as const))("%s", (_, program) => {
    test("is up for dnsdist and HAProxy, and answers clients on every path", async () => {
      await lab.waitFor(
        async () => {
          const { stdout } = await lab.node("lb1").agent("status");
          const line = stdout.split("\n").find((each) => each.startsWith(`${program.software}/`)) ?? "";
          return / UP/.test(line) && /tcp up/.test(line) && /udp up/.test(line);
        },
        { timeout: "40s", what: `${program.software} is up:\n${logOf(program)}` },
      );
      await lab.waitFor(async () => (await ask(ALLOWED, program, "inspected", "udp")).status === "NOERROR");
      for (const path of PATHS) {
        for (const transport of TRANSPORTS) {
          const answer = await ask(ALLOWED, program, path, transport);
          expect(answer, `${path} ${transport}`).toMatchObject({ status: "NOERROR", answers: ["192.0.2.80"] });
        }
      }
    });

    test.skipIf(program.denied === undefined)("judges the client itself", async () => {
      for (const path of PATHS) {
        for (const transport of TRANSPORTS) {
          const { status } = await ask(DENIED, program, path, transport);
          if (program.denied === "REFUSED") expect(status, `${path} ${transport}`).toBe("REFUSED");
          else
            expect(["TIMEOUT", "CONNECTION-CLOSED", "CONNECTION-RESET", "SERVFAIL"], `${path} ${transport}`).toContain(
              status,
            );
        }
      }
    });

    test.skipIf(program.denied !== undefined)("logs the client's address", async () => {
      await ask(DENIED, program, "inspected", "udp");
      await ask(DENIED, program, "direct", "tcp");
      await lab.waitFor(() => logOf(program).split(DENIED).length > 2);
    });

    test(`${program.plainToo ? "answers" : "does not answer"} without a header`, async () => {
      const answer = await lab.client(ALLOWED).query("www.example.com", "A", { server: server(program), port: PORT });
      expect(answer.status === "NOERROR").toBe(program.plainToo);
    });
  });
}
