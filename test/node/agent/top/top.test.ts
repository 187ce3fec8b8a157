import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENT, FakeNode, manifest, service, until } from "../fake-node.js";
import { FakeDaemons } from "./fake-daemons.js";
import { python } from "./python.js";

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

  test("leaves no client of a console behind that hangs, and ends in time", async () => {
    await daemons.start(node);
    const file = join(node.dir, "client");
    node.program(
      "dnsdist",
      `#!/bin/sh\ncase "$*" in *exceedQRate*) ;; *) exit ;; esac\necho $$ > ${file}.new\nmv ${file}.new ${file}\nexec sleep 60\n`,
    );
    const { process: top, outcome } = node.start("top", "--count", "100", ...quick);
    await until(() => existsSync(file));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = performance.now();
    top.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    // As who is in a hurry.
    top.kill("SIGINT");
    expect(await outcome).toMatchObject({ status: 0, stderr: "" });
    expect(performance.now() - begun).toBeLessThan(3_600);
    expect(() => process.kill(Number(readFileSync(file, "utf8")), 0)).toThrow("ESRCH");
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
  /** Seconds to wait then, without reading. */
  readonly after?: number;
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
    words = [node.agentProgram, "--state", node.state, "--run", node.run, "top", ...options],
    job = false,
  }: {
    readonly size?: readonly [number, number];
    readonly env?: Readonly<Record<string, string>>;
    readonly options?: readonly string[];
    readonly words?: readonly string[];
    /** Whether it is the job of a shell, which lets it go on when it stops. */
    readonly job?: boolean;
  } = {},
): Promise<Ended> {
  const given = {
    ...{
      size,
      steps,
      env: { TERM: "xterm", NO_COLOR: "", PATH: `${join(node.dir, "bin")}:${process.env["PATH"]}`, ...env },
    },
    words: [...(job ? ["/usr/bin/python3", "-B", join(__dirname, "job.py")] : []), ...words],
  };
  const harness = join(__dirname, "terminal.py");
  const program = ["-B", harness, JSON.stringify(given)];
  const { stdout } = await promisify(execFile)("/usr/bin/python3", program, { maxBuffer: 1e8 });
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
    expect(output.match(/LISTENER/g)).toHaveLength(3);
  });

  test.each([
    ["1", 24],
    ["2", 12],
  ])("leaves what it has drawn last to be read after --count %s, as high as the screen", async (count, lines) => {
    await daemons.start(node);
    const { output } = await atTerminal([], { options: [...quick, "--count", count], size: [80, lines] });
    const [, left = ""] = output.split(LEAVE);
    expect(left).toMatch(/^lb a, [\s\S]*\r\nLISTENER [\s\S]*\r\nSERVER [\s\S]*\r\n$/);
    expect(left).not.toContain(ESCAPE);
    expect(left.split("\r\n").length).toBeLessThanOrEqual(lines);
  });

  test("looks at the keys and at the terminal each time, also if daemons take longer than the interval", () => {
    const found = python(`
from types import SimpleNamespace
from dnslb_agent.top import run
looked = []
def wait(quits):
    return lambda seconds: looked.append(seconds) or quits
for quits in (True, False):
    screen = SimpleNamespace(wait=wait(quits), refresh=lambda: looked.append("refresh"))
    looked.append(run._quits(screen, 0.0))
print(json.dumps(looked))`);
    expect(found).toEqual([0, true, 0, "refresh", false]);
  });

  test("stops by ctrl-Z with the terminal as it was, and draws at once when it goes on", async () => {
    await daemons.start(node);
    const begun = performance.now();
    const { output, status, restored } = await atTerminal(
      [
        { until: "10.0.0.79", keys: "\x1a" },
        { until: "went on" },
        { until: "10.0.0.79", keys: "\x1a" },
        { until: "went on" },
        { until: "10.0.0.79", keys: "q" },
      ],
      { options: ["--interval", "8"], job: true },
    );
    expect([status, restored]).toEqual([0, true]);
    // Not only when it looks again.
    expect(performance.now() - begun).toBeLessThan(14_000);
    const times = output.split(`${LEAVE}stopped, and the terminal is as it was\r\nwent on\r\n${ENTER}`);
    expect(times).toHaveLength(3);
    for (const each of times.slice(1)) expect(visible(each)).toMatch(/^lb a, [\s\S]*LISTENER/);
  });

  test("stops also in the middle of drawing", async () => {
    const drawing = `
import sys, time
sys.path.insert(0, ${JSON.stringify(dirname(AGENT))})
from dnslb_agent.top.screen import Screen
from dnslb_agent.top.table import Line
screen = Screen()
with screen.taken():
    screen.draw([Line("soon")])
    time.sleep(0.3)
    screen.draw([Line("x" * 1000)] * 200)
    screen.refresh()
    screen.draw([Line("the end")])
`;
    const { output, status, restored } = await atTerminal([{ until: "soon", after: 1.5, keys: "\x1a" }], {
      ...{ size: [1_000, 200], job: true },
      // As the agent: with buffers, whatever the environment says.
      words: ["/usr/bin/python3", "-IBS", "-c", drawing],
    });
    expect([status, restored]).toEqual([0, true]);
    expect(output).toContain(`${LEAVE}stopped, and the terminal is as it was\r\nwent on\r\n${ENTER}`);
    expect(output).not.toContain("Traceback");
    expect(visible(output.slice(output.lastIndexOf(ENTER)))).toMatch(/(x{1000}\r\n){199}x{1000}the end$/);
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
