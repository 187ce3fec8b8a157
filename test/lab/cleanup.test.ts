import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { removeLab } from "../../lib/testing/lab/cleanup.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { checkRequirements } from "../../lib/testing/lab/requirements.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, standalone } from "./models.js";

const NAME = "t_cleanup";
let runner: ChildProcess | undefined;

afterEach(() => {
  runner?.kill("SIGKILL");
  removeLab(NAME);
});

/** Starts a program that runs a lab, and gives its first words. */
async function run(name: string): Promise<string> {
  runner = spawn(process.execPath, ["--require", "tsx/cjs", `${__dirname}/runner.ts`, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (runner.stdout === null) throw new RangeError("no output");
  const [words] = (await once(runner.stdout.setEncoding("utf8"), "data")) as [string];
  return words.trim();
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (runner === undefined) return;
  const ended = once(runner, "exit");
  runner.kill(signal);
  await ended;
}

describe("a lab whose runner was killed", () => {
  test("is removed by name, and all of it", async () => {
    expect(await run(NAME)).toBe("started");
    await end("SIGKILL");
    const left = leftovers(NAME);
    expect(left.namespaces).toContain(`dnslb-${NAME}-lb1`);
    expect(left.processes.length).toBeGreaterThan(3);
    expect(left.folders).toHaveLength(2);
    expect(Lab.cleanup(NAME)).toEqual([NAME]);
    expect(leftovers(NAME)).toEqual(NOTHING);
  });

  test("is found without a name", async () => {
    expect(await run(NAME)).toBe("started");
    await end("SIGKILL");
    expect(Lab.cleanup()).toContain(NAME);
    expect(leftovers(NAME)).toEqual(NOTHING);
  });

  test("makes room for the next of its name", async () => {
    expect(await run(NAME)).toBe("started");
    await end("SIGKILL");
    const lab = await Lab.start([standalone()], { name: NAME });
    await lab.stop();
    expect(leftovers(NAME)).toEqual(NOTHING);
  });
});

test.each(["SIGTERM", "SIGINT"] as const)("a runner that gets %s takes its lab along", async (signal) => {
  expect(await run(NAME)).toBe("started");
  await end(signal);
  expect(runner?.signalCode).toBe(signal);
  expect(leftovers(NAME)).toEqual(NOTHING);
});

test("fails when a lab of the same name lives, and leaves that alone", async () => {
  expect(await run(NAME)).toBe("started");
  const expected = `lab "${NAME}" is already running in process ${runner?.pid}; stop it, or give this one another name`;
  await expect(Lab.start([standalone()], { name: NAME })).rejects.toThrow(expected);
  expect(Lab.cleanup(NAME)).toEqual([]);
  expect(leftovers(NAME).processes.length).toBeGreaterThan(3);
});

test("fails when a secret has no value, and leaves nothing behind", async () => {
  const model = standalone({
    frontends: [frontend({ addresses: ["10.0.0.2"] })],
    statistics: { addresses: [], port: 8404, user: "ops", password: { kind: "variable", name: "password", value: "" } },
  });
  await expect(Lab.start([model], { name: NAME })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[LabError: the variable "password" has no value in the lab; pass it to the lab: secrets: { "password": ... }]`,
  );
  expect(leftovers(NAME)).toEqual(NOTHING);
});

test("fails when the name could be taken for another's", async () => {
  await expect(Lab.start([], { name: "a-b" })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[LabError: the name of a lab must be lower-case letters, digits and "_", start with a letter and have at most 21 characters, got "a-b"]`,
  );
});

test("fails when programs are missing, all of them at once", () => {
  const network = { ip: "iproute2", "no-such-daemon": "no-such-package", nor_this: "nor-that" };
  expect(() => checkRequirements({ network, hosts: {} })).toThrowErrorMatchingInlineSnapshot(`
    [LabError: a lab cannot start here:
      the program no-such-daemon is missing: apt-get install no-such-package
      the program nor_this is missing: apt-get install nor-that]
  `);
  expect(Lab.missing()).toEqual([]);
});
