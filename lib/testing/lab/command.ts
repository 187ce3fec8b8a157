import { spawn } from "node:child_process";
import { environment } from "./environment.js";
import { CommandError } from "./errors.js";

/** The result of a program. */
export interface CommandResult {
  /** The exit status; for a signal 128 plus its number, as in shells. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options for `command()`. */
export interface CommandOptions {
  /**
   * The text for the program's stdin.
   *
   * @default - nothing
   */
  readonly input?: string;
  /**
   * Returns the result if the program fails, instead of throwing.
   *
   * @default false
   */
  readonly mayFail?: boolean;
  /**
   * Variables added to the environment.
   *
   * @default - nothing
   */
  readonly env?: Readonly<Record<string, string>>;
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** Runs a program to its end. Throws a `CommandError` if it fails. */
export function command(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: "pipe", env: environment(options.env) });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => reject(new CommandError(argv, error.message, "")));
    child.on("close", (code, signal) => {
      const status = code ?? 128 + (SIGNALS[signal ?? ""] ?? 0);
      if (status !== 0 && options.mayFail !== true) reject(new CommandError(argv, status, (stderr + stdout).trim()));
      else resolve({ status, stdout, stderr });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}
