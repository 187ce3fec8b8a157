import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { environment } from "./environment.js";
import type { Host } from "./host.js";
import { familyOfProcess, signalAll, startOf } from "./namespace.js";

/** A daemon to be run on a host. */
export interface ProcessPlan {
  readonly name: string;
  readonly argv: readonly string[];
  /** What it says on its outputs is appended to this file. */
  readonly log: string;
  /** Whether it is started again, as a supervisor would, after an end that nobody asked the lab for. */
  restarts(): boolean;
  /** Told before something happens to it. */
  disturbed(): Promise<void>;
}

const RESTART_DELAY = 100;
const GRACE = 10_000;

/** A daemon on a host of the lab, and what can happen to it. */
export class LabProcess {
  #pid: number | undefined;
  #started: string | undefined;
  #wanted = false;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: Pick<Host, "inside">,
    private readonly plan: ProcessPlan,
  ) {}

  get name(): string {
    return this.plan.name;
  }

  /** The process id of what was started; its children are not counted. */
  get pid(): number | undefined {
    return this.running ? this.#pid : undefined;
  }

  get running(): boolean {
    return this.#pid !== undefined && this.#started !== undefined && startOf(this.#pid) === this.#started;
  }

  /** Starts it, or does nothing if it runs. */
  start(): void {
    if (this.running) return;
    this.#wanted = true;
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
        if (this.#wanted && this.plan.restarts()) setTimeout(() => this.#wanted && this.start(), RESTART_DELAY).unref();
      });
    });
  }

  /** Ends it in good order (SIGTERM) and waits for that; it stays down until `start()`. */
  async stop(): Promise<void> {
    await this.plan.disturbed();
    this.#wanted = false;
    if (this.#pid === undefined || !this.running) return;
    const family = familyOfProcess(this.#pid);
    signalAll([this.#pid], "SIGTERM");
    const killer = setTimeout(() => signalAll(family, "SIGKILL"), GRACE);
    await this.#end();
    clearTimeout(killer);
  }

  /** Crashes it: SIGKILL to the process and all of its children at once. */
  async kill(): Promise<void> {
    await this.plan.disturbed();
    this.#wanted = this.plan.restarts();
    // Stopped first, so that none has the time to notice the death of another and to leave in good order.
    this.#signal("SIGSTOP");
    this.#signal("SIGKILL");
    await this.#end();
  }

  /** Hangs it: it keeps its sockets and says nothing more (SIGSTOP). */
  async pause(): Promise<void> {
    await this.plan.disturbed();
    this.#signal("SIGSTOP");
  }

  /** Lets it go on after `pause()`. */
  async resume(): Promise<void> {
    await this.plan.disturbed();
    this.#signal("SIGCONT");
  }

  /** Its host loses its power: whatever ends now is not started again. */
  abandon(): void {
    this.#wanted = false;
  }

  /** Everything that it said. */
  logs(): string {
    try {
      return readFileSync(this.plan.log, "utf8");
    } catch {
      return "";
    }
  }

  /** Keeps the runner alive meanwhile: a daemon by itself does not. */
  async #end(): Promise<void> {
    this.#child?.ref();
    await this.#ended;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#pid !== undefined && this.running) signalAll(familyOfProcess(this.#pid), signal);
  }
}
