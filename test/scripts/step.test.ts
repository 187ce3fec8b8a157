import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

/* Scripts that run before anything is installed tell their steps by a module of JavaScript. */

const TERMINAL = join(__dirname, "../terminal.py");
const STEP = pathToFileURL(join(__dirname, "../../scripts/step.mjs")).href;
const ERASE = "\r\u001b[K";

/** What a step writes that takes some seconds and then ends with `last`; without columns, at no terminal. */
async function said(seconds: number, last: string, columns?: number): Promise<string> {
  const program = `
    import { step } from ${JSON.stringify(STEP)};
    const work = () => new Promise((resolve, reject) => setTimeout(() => ${last}, ${seconds * 1_000}));
    console.log(await step("compiling", work).catch((error) => error.message));`;
  const words = [process.execPath, "--input-type=module", "-e", program];
  const [command = "", ...rest] = columns === undefined ? words : ["python3", TERMINAL, `${columns}`, ...words];
  const env = { ...process.env, TERM: "xterm" };
  const { stdout, stderr } = await promisify(execFile)(command, rest, { env });
  const outcome = columns === undefined ? { stdout, stderr } : JSON.parse(stdout);
  expect(outcome.stdout).toBe(last.includes("broken") ? "broken\n" : "7\n");
  return outcome.stderr.replace(/\d+\.\d s/g, "N s");
}

describe.concurrent("a step", () => {
  test("that takes longer than two seconds leaves a line", async () => {
    expect(await said(2.2, "resolve(7)")).toBe("compiling ... N s\n");
  });

  test("that is quicker leaves none", async () => {
    expect(await said(0.2, "resolve(7)")).toBe("");
    expect(await said(0.2, "resolve(7)", 80)).toBe("");
  });

  test("that fails says so", async () => {
    expect(await said(2.2, 'reject(new Error("broken"))')).toBe("compiling ... failed after N s\n");
  });

  test("is counted at a terminal", async () => {
    const [first, ...shown] = (await said(3.6, "resolve(7)", 80)).split(ERASE);
    expect([first, shown.pop()]).toEqual(["", "compiling ... N s\r\n"]);
    expect(shown.pop()).toMatch(/^compiling \.\.\. [3-9] s$/);
    expect(shown.length).toBeGreaterThan(0);
  });
});
