import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { environment } from "./environment.js";
import type { Host } from "./host.js";
import { familyOfProcess, signalAll, startOf } from "./namespace.js";

/** A daemon to run on a host. */
export interface ProcessPlan {
  readonly name: string;
  readonly argv: readonly string[];
  /** The file to which stdout and stderr are appended. */
  readonly log: string;
  /** Whether to restart the daemon, as a supervisor would, unless `stop()` ended it. */
  restarts(): boolean;
  /** Called before each event on the daemon. */
  disturbed(): Promise<void>;
}

const RESTART_DELAY = 100;
const GRACE = 10_000;

/** Controls a daemon on a host of the lab, and simulates its failures. */
export class LabProcess {
  #pid: number | undefined;
  #started: string | undefined;
  #shouldRun = false;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: Pick<Host, "inside">,
    private readonly plan: ProcessPlan,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  /** The PID of the main process, while it runs. */
  get pid(): number | undefined {
    return this.running ? this.#pid : undefined;
  }

  get running(): boolean {
    return this.#pid !== undefined && this.#started !== undefined && startOf(this.#pid) === this.#started;
  }

  /** Starts the daemon, unless it runs. */
  start(): void {
    if (this.running) return;
    this.#shouldRun = true;
    const [program = "", ...rest] = this.host.inside(this.plan.argv);
    const log = openSync(this.plan.log, "a");
    const child = spawn(program, rest, {
      ...({ cwd: "/", detached: true, stdio: ["ignore", log, log] } as const),
      env: environment(),
    });
    closeSync(log);
    child.unref();
    this.#child = child;
    this.#pid = child.pid;
    this.#started = child.pid === undefined ? undefined : startOf(child.pid);
    this.#ended = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => {
        resolve();
        if (this.#shouldRun && this.plan.restarts())
          setTimeout(() => this.#shouldRun && this.start(), RESTART_DELAY).unref();
      });
    });
  }

  /** Stops the daemon by SIGTERM and waits for its end; it stays down until `start()`. */
  async stop(): Promise<void> {
    await this.plan.disturbed();
    this.#shouldRun = false;
    if (this.#pid === undefined || !this.running) return;
    const family = familyOfProcess(this.#pid);
    signalAll([this.#pid], "SIGTERM");
    const killer = setTimeout(() => signalAll(family, "SIGKILL"), GRACE);
    await this.#end();
    clearTimeout(killer);
  }

  /** Crashes the daemon: SIGKILL to the process and all of its children at once. */
  async kill(): Promise<void> {
    await this.plan.disturbed();
    this.#shouldRun = this.plan.restarts();
    // Stopped first, so that no process can notice the end of another and shut down gracefully.
    this.#signal("SIGSTOP");
    this.#signal("SIGKILL");
    await this.#end();
  }

  /** Hangs the daemon by SIGSTOP: it keeps its sockets and does not answer. */
  async pause(): Promise<void> {
    await this.plan.disturbed();
    this.#signal("SIGSTOP");
  }

  /** Resumes the daemon after `pause()`. */
  async resume(): Promise<void> {
    await this.plan.disturbed();
    this.#signal("SIGCONT");
  }

  /** Disables restarts, because the host loses its power or the lab ends. */
  abandon(): void {
    this.#shouldRun = false;
  }

  /** The output of the daemon. */
  logs(): string {
    try {
      return readFileSync(this.plan.log, "utf8");
    } catch {
      return "";
    }
  }

  /** Waits for the end, and keeps the runner alive meanwhile; a daemon alone does not. */
  async #end(): Promise<void> {
    this.#child?.ref();
    await this.#ended;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && this.running) signalAll(familyOfProcess(this.#pid), signal);
  }
}
