import type { Engine } from "../engine.js";
import { type RunResult, until } from "../run.js";

/** A container of the pair or of a server, and what can happen to it. */
export class DrillNode {
  readonly container: string;

  constructor(
    private readonly engine: Engine,
    readonly name: string,
  ) {
    this.container = `dns-lb-${name}`;
  }

  /** Runs a program in the container, as `docker exec` does. */
  exec(argv: readonly string[]): Promise<RunResult> {
    return this.#docker("exec", this.container, ...argv);
  }

  async agent(...words: readonly string[]): Promise<RunResult> {
    return this.exec(["dns-lb-agent", ...words]);
  }

  /** Whether all of its daemons answer. */
  async ready(): Promise<boolean> {
    return (await this.agent("ready", "--timeout", "1")).code === 0;
  }

  /** The addresses that it has in its network now; none while it does not run. */
  async addresses(): Promise<readonly string[]> {
    const pid = await this.#pid();
    if (pid === 0) return [];
    const { stdout } = await this.engine.run(["nsenter", "-t", String(pid), "--net", "ip", "-o", "address", "show"]);
    return addressesIn(stdout);
  }

  /** Sends a signal to every process of a program. */
  async signal(program: string, signal: "KILL" | "STOP" | "CONT"): Promise<void> {
    const pid = await this.#pid();
    const { code } = await this.engine.run([
      "pkill",
      `-${signal}`,
      "--ns",
      String(pid),
      "--nslist",
      "pid",
      "-x",
      program,
    ]);
    if (code !== 0) throw new Error(`${this.name} runs no ${program}`);
  }

  /** Kills a program and keeps it from being started again, or lets it start. */
  async hold(program: string): Promise<void> {
    await this.#must("exec", this.container, "sv", "down", `/run/dns-lb-services/${program}`);
    await this.signal(program, "KILL").catch(() => undefined);
  }

  async release(program: string): Promise<void> {
    await this.#must("exec", this.container, "sv", "up", `/run/dns-lb-services/${program}`);
  }

  /** Stops it as an administrator does, in as many seconds as a deployment gives it; it stays away. */
  async stop(): Promise<void> {
    await this.#must("stop", "--time=15", this.container);
  }

  /** Ends it as a machine ends that loses its power; it stays away. */
  async kill(): Promise<void> {
    await this.#must("kill", this.container);
  }

  async start(): Promise<void> {
    await this.#must("start", this.container);
  }

  /** Kills its first process; the engine starts it again. */
  async crash(): Promise<void> {
    const pid = await this.#pid();
    const { code } = await this.engine.run(["kill", "-KILL", String(pid)]);
    if (code !== 0) throw new Error(`${this.name} does not run`);
  }

  async pause(): Promise<void> {
    await this.#must("pause", this.container);
  }

  async unpause(): Promise<void> {
    await this.#must("unpause", this.container);
  }

  /** Pulls its cable out, or puts it in. */
  async plug(into: boolean): Promise<void> {
    const port = await this.#port();
    const { code, stderr } = await this.engine.run(["ip", "link", "set", port, into ? "up" : "down"]);
    if (code !== 0) throw new Error(stderr);
  }

  /** Makes an unbound tell of every query, and by whom it was asked. */
  async logQueries(wanted: boolean): Promise<void> {
    const control = "/var/lib/dns-lb/current/unbound/unbound.conf";
    const words = ["unbound-control", "-c", control, "set_option", "log-queries:", wanted ? "yes" : "no"];
    await this.#must("exec", "--user", "dns-lb", this.container, ...words);
  }

  /** What the container has said so far. */
  async log(): Promise<string> {
    const { stdout, stderr } = await this.#must("logs", this.container);
    return stdout + stderr;
  }

  /** When its container was made. */
  async created(): Promise<string> {
    return (await this.engine.docker.getContainer(this.container).inspect()).Created;
  }

  async waitUntilReady(seconds = 30): Promise<void> {
    await until(`${this.name} is ready`, seconds, () => this.ready());
  }

  async #pid(): Promise<number> {
    return (await this.engine.docker.getContainer(this.container).inspect()).State.Pid;
  }

  /** The other end of its cable, a port of the bridge. */
  async #port(): Promise<string> {
    const pid = await this.#pid();
    const own = await this.engine.run(["nsenter", "-t", String(pid), "--net", "ip", "-o", "link", "show", "eth0"]);
    const index = /eth0@if(\d+):/.exec(own.stdout)?.[1];
    const { stdout } = await this.engine.run(["ip", "-o", "link", "show"]);
    const port = stdout.split("\n").find((line) => line.startsWith(`${index}: `));
    if (port === undefined) throw new Error(`${this.name} has no cable`);
    return port.split(/[ :@]+/)[1] ?? "";
  }

  async #must(...words: readonly string[]): Promise<RunResult> {
    const result = await this.#docker(...words);
    if (result.code !== 0) throw new Error(`docker ${words.join(" ")}: ${result.stderr.trim()}`);
    return result;
  }

  #docker(...words: readonly string[]): Promise<RunResult> {
    return this.engine.run(["docker", "--host", this.engine.host, ...words]);
  }
}

/** What `ip -o address show` has said, but for the addresses of `lo`. */
export function addressesIn(said: string): readonly string[] {
  return [...said.matchAll(/^\d+: (?!lo ).* inet6? ([^/ ]+)\//gm)].map(([, address = ""]) => address);
}
