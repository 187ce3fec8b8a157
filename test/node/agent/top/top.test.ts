import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeNode, manifest, service } from "../fake-node.js";
import { FakeDaemons } from "./fake-daemons.js";

let node: FakeNode;
let daemons: FakeDaemons;
beforeEach(() => {
  node = new FakeNode();
  daemons = new FakeDaemons();
});
afterEach(() => {
  node.close();
  daemons.close();
});

const quick = ["--interval", "0.5"];

/** The words of the line that begins with a text, in the first block or in another one. */
const words = (text: string, first: string, block = 0) =>
  text
    .split("\n")
    .filter((line) => line.startsWith(first))
    [block]?.split(/\s{2,}/);

describe("without a terminal", () => {
  test("prints one block of plain text, with rates, and ends", async () => {
    await daemons.start(node);
    const begun = performance.now();
    const { status, stdout, stderr } = await node.agent("top", ...quick);
    expect([status, stderr]).toEqual([0, ""]);
    expect(performance.now() - begun).toBeGreaterThan(500);
    expect(stdout).toMatch(/^lb a, \d{4}-\d\d-\d\dT[\d:]{8}Z, load [\d. ]+\nrelease [0-9a-f]{16} since /);
    // 200 in half a second.
    const listener = words(stdout, "internal") ?? [];
    expect(Number(listener[1])).toBeGreaterThan(250);
    expect(Number(listener[1])).toBeLessThan(500);
    expect(words(stdout, "main/s1")).toEqual(["main/s1", "up", listener[1], "0.0", "0", "-", "1", "0"]);
    expect(stdout).toContain("queries of the last 60 s: 300 of 2 clients\n");
    expect(words(stdout, "10.0.0.77")).toEqual(["10.0.0.77", "200", "66.7 %", "3.3", "5", "0"]);
    expect(stdout).toContain("connections over TCP: 4 of 1 client\n");
    expect(words(stdout, "10.0.0.79")).toEqual(["10.0.0.79", "4", "-"]);
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
    expect(stdout.match(/^LISTENER/gm)).toHaveLength(1);
  });

  test("prints as many blocks as it is told to, and as many clients", async () => {
    await daemons.start(node);
    const { status, stdout } = await node.agent("top", ...quick, "--count", "3", "--clients", "1", "--plain");
    expect(status).toBe(0);
    expect(stdout.match(/^LISTENER/gm)).toHaveLength(3);
    expect(stdout.match(/^10\.0\.0\.7[78]/gm)).toEqual(["10.0.0.77", "10.0.0.77", "10.0.0.77"]);
  });

  test("changes nothing on the node", async () => {
    await daemons.start(node);
    const files = () =>
      readdirSync(node.dir, { recursive: true, encoding: "utf8" })
        .filter((path) => statSync(join(node.dir, path)).isFile())
        .map((path) => {
          const content = readFileSync(join(node.dir, path));
          return [path, createHash("sha256").update(content).digest("hex"), statSync(join(node.dir, path)).mtimeMs];
        });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = files();
    expect(await node.agent("top", ...quick)).toMatchObject({ status: 0, stderr: "" });
    expect(files()).toEqual(before);
  });

  test("has no negative rates when a daemon is started anew between two readings", async () => {
    await daemons.start(node);
    daemons.queries = 1_000_000;
    const running = node.agent("top", "--interval", "1.5");
    await new Promise((resolve) => setTimeout(resolve, 900));
    daemons.queries = 0;
    daemons.pid = 78;
    const { stdout } = await running;
    const rate = Number(words(stdout, "internal")?.[1]?.replace(",", ""));
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThan(400);
    expect(stdout).not.toMatch(/ -\d/);
  });

  test.each([
    ["haproxy", "dnsdist"],
    ["dnsdist", "haproxy"],
  ] as const)("says of a %s that hangs that it does, and shows what %s knows, in time", async (hanging, other) => {
    await daemons.start(node);
    daemons.silent = [hanging];
    const begun = performance.now();
    const { status, stdout } = await node.agent("top", ...quick);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(status).toBe(0);
    expect(stdout).toContain(`\n${hanging}: does not answer\n`);
    expect(stdout).not.toContain(`${other}: does not answer`);
    expect(words(stdout, "main/s1")?.[1]).toBe("up");
  });

  test("says of daemons that do not run that they do not, once each", async () => {
    const services = [service({ name: "haproxy" }), service({ name: "dnsdist" })];
    await node.agent("apply", node.bundle(manifest({ services })));
    const { status, stdout } = await node.agent("top", ...quick);
    expect(status).toBe(0);
    expect(stdout.match(/haproxy.*|dnsdist.*/g)).toEqual(["haproxy: not running", "dnsdist: not running"]);
  });

  test("lets no name of a daemon control the terminal", async () => {
    daemons.listener = "in\x1b[2Jternal";
    daemons.clients = "clients 60 1 1\n\x1b]0;owned\x07 1 0 0";
    await daemons.start(node);
    const { stdout } = await node.agent("top", ...quick);
    expect(stdout).toContain("in\\x1b[2Jternal");
    expect(stdout).toContain("\\x1b]0;owned\\x07");
    expect(stdout).not.toMatch(/[^\x20-\x7e\n]/);
  });

  test("ends quietly when who reads has seen enough, and when it is told to stop", async () => {
    await daemons.start(node);
    const reading = `"${node.agentProgram}" "$@" 2>&1 | head -1\n`;
    node.program("read-one-line", `#!/bin/bash\nset -o pipefail\n${reading}echo "status $?"\n`);
    const piped = node.startProgram(join(node.dir, "bin", "read-one-line"), ["top", ...quick, "--count", "3"]);
    expect(await piped.outcome).toMatchObject({ stdout: expect.stringMatching(/^lb a,.*\nstatus 0\n$/), stderr: "" });
    const { process, outcome } = node.start("top", "--count", "100", ...quick);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    process.kill("SIGTERM");
    expect(await outcome).toMatchObject({ status: 0, stderr: "" });
  });

  test.each([
    ["--interval", "0", "must be from 0.5 to 3600, got 0"],
    ["--interval", "nan", "must be from 0.5 to 3600, got nan"],
    ["--interval", "soon", "invalid number value: 'soon'"],
    ["--count", "0", "must be from 1 to 1000000, got 0"],
    ["--clients", "-1", "must be from 1 to 1000, got -1"],
    ["--clients", "1.5", "invalid number value: '1.5'"],
  ])("fails when %s is %s", async (option, value, reason) => {
    expect(await node.agent("top", option, value)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(reason),
    });
  });

  test("fails when the node has no release yet", async () => {
    expect(await node.agent("top")).toEqual({
      ...{ status: 1, stdout: "", stderr: "dns-lb-agent: this node has no release yet\n" },
    });
  });
});

interface Step {
  readonly until: string;
  readonly keys?: string;
  readonly signal?: string;
  readonly size?: readonly [columns: number, lines: number];
}

interface Ended {
  readonly output: string;
  readonly status: number | null;
  readonly restored: boolean;
}

const ESCAPE = "\x1b";
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** What controls the terminal. */
const SEQUENCE = new RegExp(`${ESCAPE}\\[[0-9;?]*[a-zA-Z]`, "g");
const sequences = (output: string) => output.match(SEQUENCE) ?? [];
const visible = (output: string) => output.replace(SEQUENCE, "");

/** Runs `top` at a terminal. */
async function atTerminal(
  steps: readonly Step[],
  {
    size = [80, 24],
    env = {},
    options = quick,
  }: {
    readonly size?: readonly [number, number];
    readonly env?: Readonly<Record<string, string>>;
    readonly options?: readonly string[];
  } = {},
): Promise<Ended> {
  const given = {
    ...{
      size,
      steps,
      env: { TERM: "xterm", NO_COLOR: "", PATH: `${join(node.dir, "bin")}:${process.env["PATH"]}`, ...env },
    },
    words: [node.agentProgram, "--state", node.state, "--run", node.run, "top", ...options],
  };
  const harness = join(__dirname, "terminal.py");
  const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-B", harness, JSON.stringify(given)]);
  return JSON.parse(stdout) as Ended;
}

describe("at a terminal", () => {
  test.each<[string, Omit<Step, "until">]>([
    ["q is pressed", { keys: "q" }],
    ["ctrl-C is pressed", { keys: "\x03" }],
    ["it is told to stop", { signal: "SIGTERM" }],
    ["its session ends", { signal: "SIGHUP" }],
  ])("draws anew until %s, and gives the terminal back", async (_, step) => {
    await daemons.start(node);
    const { output, status, restored } = await atTerminal([{ until: "LISTENER" }, { until: "LISTENER", ...step }]);
    expect([status, restored]).toEqual([0, true]);
    expect(output.startsWith(ENTER)).toBe(true);
    expect(output.endsWith(LEAVE)).toBe(true);
    expect(output).toContain("\x1b[H");
    expect(output).toContain("\x1b[7mLISTENER");
  });

  test("ends after so many times", async () => {
    await daemons.start(node);
    const { output, status, restored } = await atTerminal([], { options: [...quick, "--count", "2"] });
    expect([status, restored]).toEqual([0, true]);
    expect(output.match(/LISTENER/g)).toHaveLength(2);
  });

  test("follows the size of the terminal at once, and is never larger", async () => {
    await daemons.start(node);
    const begun = performance.now();
    const { output, restored } = await atTerminal(
      [
        { until: "10.0.0.79", size: [20, 6] },
        { until: "\x1b[J", keys: "q" },
      ],
      { size: [100, 40], options: ["--interval", "8"] },
    );
    expect(restored).toBe(true);
    // Not only when it looks again.
    expect(performance.now() - begun).toBeLessThan(14_000);
    const last = output.slice(output.lastIndexOf("\x1b[H"));
    const lines = visible(last).split("\r\n");
    expect(lines).toHaveLength(6);
    expect(Math.max(...lines.map((line) => line.length))).toBe(20);
    expect(lines[1]).toMatch(/^release [0-9a-f]{10}\.\.$/);
  });

  test("has no colors where nobody wants them", async () => {
    await daemons.start(node);
    const { output } = await atTerminal([{ until: "LISTENER", keys: "q" }], { env: { NO_COLOR: "1" } });
    expect(sequences(output)).not.toContainEqual(expect.stringMatching(/[1-9]m$/));
  });

  test("prints plain text where the terminal cannot be drawn on, or somebody wants it", async () => {
    await daemons.start(node);
    const dumb = await atTerminal([], { env: { TERM: "dumb" } });
    const plain = await atTerminal([], { options: [...quick, "--plain"] });
    for (const { output, status } of [dumb, plain]) {
      expect(status).toBe(0);
      expect(output).not.toContain("\x1b");
      expect(output.match(/LISTENER/g)).toHaveLength(1);
    }
  });

  test("gives the terminal back when the node loses its release, and says so", async () => {
    await daemons.start(node);
    const ended = atTerminal([{ until: "LISTENER" }]);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    rmSync(join(node.state, "current"));
    const { output, status, restored } = await ended;
    expect([status, restored]).toEqual([1, true]);
    expect(output).toContain(`${LEAVE}dns-lb-agent: this node has no release yet\r\n`);
  });
});
