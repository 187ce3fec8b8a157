import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { agentFiles } from "../../../lib/node/agent/files.js";
import { PROGRESS, withoutProgress } from "../../progress-lines.js";
import { AGENT, FakeNode, manifest, type Outcome, service } from "./fake-node.js";

/* What takes longer than two seconds says what it does. Tests wait for that, so that all do at once. */

const CHECKING = "checking the configuration of unbound (at most 20 s)";
const ERASE = "\r\x1b[K";

const nodes: FakeNode[] = [];
afterAll(() => {
  for (const node of nodes) node.close();
});

function newNode(): FakeNode {
  const node = new FakeNode();
  nodes.push(node);
  return node;
}

/** A bundle whose checker takes some seconds. */
const slow = (node: FakeNode, seconds: number) =>
  node.bundle(manifest({ services: [service({ check: ["sleep", `${seconds}`] })] }));

/** Applies a slow bundle with standard error at a terminal of so many columns. */
async function appliedAtTerminal(columns: number, seconds: number): Promise<Outcome> {
  const node = newNode();
  const terminal = join(__dirname, "../../terminal.py");
  const script = `#!/bin/sh\nTERM=xterm exec /usr/bin/python3 ${terminal} ${columns} ${node.agentProgram} "$@"\n`;
  node.program("at-terminal", script);
  const { outcome } = node.startProgram(join(node.dir, "bin/at-terminal"), ["apply", slow(node, seconds)]);
  const { status, stdout, stderr } = await outcome;
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as Outcome;
}

describe.concurrent("without a terminal", () => {
  test("tells a step once that takes longer than two seconds, beside the results", async () => {
    const node = newNode();
    const { status, stdout, stderr } = await node.start("apply", slow(node, 4)).outcome;
    expect({ status, stderr }).toEqual({ status: 0, stderr: `${CHECKING}\n` });
    expect(stdout).toMatch(/^validated \d+ ms\nready \w+\n$/);
  });

  test("says nothing of what is quicker", async () => {
    const node = newNode();
    expect(await node.start("apply", slow(node, 0.5)).outcome).toMatchObject({ status: 0, stderr: "" });
  });

  test("says who keeps it waiting", async () => {
    const node = newNode();
    mkdirSync(node.run);
    node.background("flock", join(node.run, "agent.lock"), "sleep", "1000");
    await new Promise((resolve) => setTimeout(resolve, 500));
    const changing = "another agent has been changing this node";
    expect((await node.start("apply", slow(node, 0), "--wait", "4").outcome).stderr).toBe(
      `waiting (at most 4 s): ${changing}\ndns-lb-agent: ${changing} for 4 s\n`,
    );
  });

  test("says why a node is not ready yet, unless it waits for two seconds only", async () => {
    const node = newNode();
    expect(await node.start("apply", slow(node, 0)).outcome).toMatchObject({ status: 0 });
    const failure = (seconds: number) => `dns-lb-agent: not ready within ${seconds} s: unbound does not run\n`;
    expect((await node.start("ready", "--timeout", "2").outcome).stderr).toBe(failure(2));
    expect(await node.start("ready", "--timeout", "4").outcome).toMatchObject({
      stdout: "",
      stderr: `waiting until unbound is ready (at most 4 s): unbound does not run\n${failure(4)}`,
    });
  });
});

describe.concurrent("at a terminal", () => {
  test("counts the seconds in a line that is gone at the end", async () => {
    const { status, stdout, stderr } = await appliedAtTerminal(80, 5.5);
    const [before, ...shown] = stderr.split(ERASE);
    expect({ status, before, after: shown.pop() }).toEqual({ status: 0, before: "", after: "" });
    const seconds = shown.map((text) => Number(/^\[(\d+) s\] (.*)$/.exec(text)?.[1]));
    expect(shown).toEqual(seconds.map((each) => `[${each} s] ${CHECKING}`));
    expect(seconds[0]).toBe(2);
    expect(new Set(seconds).size).toBeGreaterThan(1);
    expect(stdout).toMatch(/^validated \d+ ms\nready \w+\n$/);
  });

  test("cuts that line to the width", async () => {
    const shown = (await appliedAtTerminal(20, 2.8)).stderr.split(ERASE).slice(1, -1);
    expect(new Set(shown.map((text) => text.replace(/\d/, "N")))).toEqual(new Set(["[N s] checking the "]));
  });

  // Docker gives such a one to the container of a deployment.
  test("rewrites nothing at one that has no width", async () => {
    expect((await appliedAtTerminal(0, 4)).stderr).toBe(`${CHECKING}\r\n`);
  });
});

test("a step within a step is told in its place, and the outer one when that is over", () => {
  const program = `
import time
from dnslb_agent import progress
progress.QUIET, progress.INTERVAL = 0.5, 0.1
with progress.step("outer"):
    with progress.step("quick"):
        pass
    with progress.step("inner") as step:
        step.reason = "a reason\\nwith \\x1b in it"
        time.sleep(0.8)
    time.sleep(0.2)
time.sleep(0.8)`;
  const command = `exec /usr/bin/python3 -B -c "$0" 2>&1`;
  const said = execFileSync("sh", ["-c", command, program], { cwd: dirname(AGENT), encoding: "utf8" });
  expect(said).toBe("inner: a reason\\x0awith \\x1b in it\nouter\n");
});

test("steps begin with the words by which tests know their lines", () => {
  const source = agentFiles()
    .map(({ content }) => content)
    .join("");
  const steps = [...source.matchAll(/progress\.step\((?:f?"([^"]+)"|([A-Z_]+))/g)].map(([, text, name]) => {
    return text ?? new RegExp(`^${name} = "(.*)"$`, "m").exec(source)?.[1] ?? "";
  });
  expect(steps).toHaveLength(source.split("progress.step(").length - 1);
  expect(steps.filter((text) => !PROGRESS.test(text))).toEqual([]);
  expect(withoutProgress(`${CHECKING}\nwarning: a pool is dead\nwaiting (at most 4 s)\n`)).toBe(
    "warning: a pool is dead\n",
  );
});
