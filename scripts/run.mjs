import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True where a continuous-integration service runs us: nothing is asked, nothing may be missing. */
export const isCi = process.env.CI !== undefined && !["", "0", "false"].includes(process.env.CI);

/** The path of a program that `npm ci` installs. */
export const bin = (name) => join(root, "node_modules", ".bin", name);

/** Something that the person who runs a script has to mend; shown without a stack. */
export class Failure extends Error {}

/** Runs a script's main function; a `Failure` is printed and ends it with status 1. @param {() => Promise<void>} main */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Makes a folder that is gone when this process ends, however it ends. @param {string} purpose */
export function scratchFolder(purpose) {
  const folder = mkdtempSync(join(tmpdir(), `dns-lb-${purpose}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Process groups that are alive, so that an interruption ends them too. */
const running = new Set();
for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])) {
  process.once(signal, () => {
    for (const pid of running) kill(pid, "SIGTERM");
    const start = Date.now();
    const timer = setInterval(() => {
      const late = Date.now() - start > 5_000;
      if (running.size > 0 && !late) return;
      clearInterval(timer);
      for (const pid of running) kill(pid, "SIGKILL");
      process.exit(code);
    }, 50);
  });
}

/**
 * Runs a program to its end and gives its exit status and its output, both streams in one.
 * It has a process group of its own, which is ended after `limit` seconds. With `show` its output goes to ours instead.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, limit?: number, show?: boolean }} [options]
 * @returns {Promise<{ status: number, output: string }>}
 */
export function run(command, args, { cwd = root, env = {}, limit = 300, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
      stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      detached: true,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    let note = "";
    const collect = (/** @type {Buffer} */ chunk) => chunks.push(chunk);
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const pid = child.pid;
    if (pid !== undefined) running.add(pid);
    const timer = setTimeout(() => {
      note = `\nended after ${limit} s: it had not finished`;
      if (pid !== undefined) kill(pid, "SIGKILL");
    }, limit * 1000);
    const done = (/** @type {number} */ status) => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve({ status, output: Buffer.concat(chunks).toString("utf8").trimEnd() + note });
    };
    child.on("error", (error) => {
      note = `${command}: ${error.message}`;
      done(127);
    });
    child.on("close", (code) => done(note === "" ? (code ?? 1) : 1));
  });
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
