import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";

/** A test that needs programs: skipped where one is missing, failed in CI. */
export function testWith(...programs: string[]) {
  const missing = programs.filter((program) => spawnSync("which", [program]).status !== 0);
  return test.skipIf(missing.length > 0 && process.env["CI"] === undefined);
}

/** What a program said and how it ended. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(command: string, ...args: string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

/** Runs shell commands in a network namespace of their own, in which `lo` is up and `eth0` has 10.0.0.2/24. */
export function runIsolated(commands: string): Outcome {
  const setUp = [
    "ip link set lo up",
    "ip link add eth0 type veth peer name far",
    "ip link set far up",
    "ip link set eth0 up",
    "ip addr add 10.0.0.2/24 dev eth0",
    "ip addr add 2001:db8::2/64 dev eth0 nodad",
  ].join(" && ");
  return run("unshare", "--net", "sh", "-c", `${setUp} && ${commands}`);
}

/** Lends a directory with some files in it. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  use: (directory: string) => T | Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "dns-lb-config-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
