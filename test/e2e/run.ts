import { spawn } from "node:child_process";

/** What a finished program left behind. */
export interface RunResult {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Options for `run()` and `mustRun()`. */
export interface RunOptions {
  readonly cwd?: string;
  /** Set on top of this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default 120 */
  readonly timeoutSeconds?: number;
  /**
   * In a session of its own, as the leader of a group of processes.
   * @default false
   */
  readonly detached?: boolean;
}

/** Runs a program to its end and collects what it said. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error("nothing to run");
  const env = Object.fromEntries(Object.entries({ ...process.env, ...options.env }).filter(([, v]) => v !== undefined));
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: (options.timeoutSeconds ?? 120) * 1000,
      killSignal: "SIGKILL",
      detached: options.detached ?? false,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), seconds });
    });
  });
}

/** Like `run()`, and fails with the program's own words when it does not end with 0. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(argv, options);
  if (result.code === 0) return result;
  const words = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-40).join("\n");
  throw new Error(`${argv.join(" ")} ended with ${result.code ?? "a signal"}\n${words}`);
}

/** Waits until a check holds, or fails with what it waited for. */
export async function until(what: string, seconds: number, check: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
