import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mustRun, type RunOptions, type RunResult, run, until } from "../run.js";
import { killProcess, type ProcessId, processId } from "./process-id.js";

/** Reaps what dies inside and survives `kill -KILL -1`, which spares the first process only. */
const FIRST = "while :; do sleep 3600; done";

/**
 * A network, mount and process namespace of its own: bridges, packet filter rules, mounts and
 * processes of everything inside are gone when its first process is.
 */
export class Namespace {
  private constructor(readonly init: ProcessId) {}

  static async create(): Promise<Namespace> {
    const argv = ["--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL"];
    const child = spawn("setpriv", [...argv, "--mount-proc", "sh", "-c", FIRST], { stdio: "ignore" });
    const { pid } = child;
    if (pid === undefined) throw new Error("cannot start setpriv");
    const first = () => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    await until("a namespace", 10, () => first() !== "" && inNewNamespace(Number(first())));
    const init = processId(Number(first()));
    if (init === undefined) throw new Error("the namespace ended at once");
    const namespace = new Namespace(init);
    await namespace.mustRun(["ip", "link", "set", "lo", "up"]);
    return namespace;
  }

  /** The argument list that runs a program inside. */
  inside(argv: readonly string[]): readonly string[] {
    return ["nsenter", "-t", String(this.init.pid), "--net", "--mount", "--pid", "--", ...argv];
  }

  /** The argument list that runs a program of the outside in the network namespace alone. */
  onNetwork(argv: readonly string[]): readonly string[] {
    return ["nsenter", "-t", String(this.init.pid), "--net", "--", ...argv];
  }

  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run(this.inside(argv), options);
  }

  mustRun(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return mustRun(this.inside(argv), options);
  }

  /** Starts a program that outlives the call; it ends with the namespace at the latest. */
  start(argv: readonly string[], output: number, env: Readonly<Record<string, string>> = {}): void {
    const [program, ...args] = this.inside(argv);
    if (program === undefined) return;
    spawn(program, args, { stdio: ["ignore", output, output], env: { ...process.env, ...env } }).unref();
  }

  /** Kills every process inside, as a power cut would, and keeps the namespace. */
  async killAll(): Promise<void> {
    await this.run(["sh", "-c", "kill -KILL -1"]);
  }

  destroy(): void {
    killProcess(this.init);
  }
}

function inNewNamespace(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sh";
  } catch {
    return false;
  }
}
