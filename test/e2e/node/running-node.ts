import { PassThrough } from "node:stream";
import type { Container } from "dockerode";
import type { Engine } from "../engine.js";

/** A process of a node, with its number as the engine sees it. */
export interface NodeProcess {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly name: string;
  readonly words: string;
}

/** The processes that a node consists of, each by a word for it. */
export const PROCESSES = [
  "runsvdir",
  "runsv agent",
  "runsv dnsdist",
  "runsv haproxy",
  "runsv keepalived",
  "runsv watch",
  "agent",
  "dnsdist",
  "haproxy master",
  "haproxy worker",
  "keepalived parent",
  "keepalived vrrp",
  "watch",
] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** What a command in a node came to. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A node's container on an engine. */
export class RunningNode {
  constructor(
    private readonly engine: Engine,
    readonly name: string,
  ) {}

  get container(): Container {
    return this.engine.docker.getContainer(this.name);
  }

  /** Runs a command in the node, as `docker exec` does; as root if no user is given. */
  async exec(words: readonly string[], user = "root"): Promise<Outcome> {
    const options = { Cmd: [...words], User: user, AttachStdout: true, AttachStderr: true };
    const exec = await this.container.exec(options);
    const stream = await exec.start({});
    const said = new PassThrough();
    const chunks: Buffer[] = [];
    said.on("data", (chunk: Buffer) => chunks.push(chunk));
    this.engine.docker.modem.demuxStream(stream, said, said);
    await new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));
    const { ExitCode: code } = await exec.inspect();
    return { code: code ?? -1, output: Buffer.concat(chunks).toString().trim() };
  }

  async processes(): Promise<readonly NodeProcess[]> {
    const { Processes: rows } = await this.container.top({ ps_args: "-eo pid,ppid,uid,comm,args" });
    return rows.map(([pid, parent, uid, name = "", words = ""]: string[]) => ({
      pid: Number(pid),
      parent: Number(parent),
      uid: Number(uid),
      name,
      words,
    }));
  }

  /** The processes by their words; those that do not run are left out. */
  async named(): Promise<ReadonlyMap<ProcessName, NodeProcess>> {
    const all = await this.processes();
    const parentOf = ({ parent }: NodeProcess) => all.find(({ pid }) => pid === parent)?.name ?? "";
    // The last one counts: what has outlived its supervisor comes first.
    const orphans = all.filter((each) => parentOf(each) === "start");
    const found = [...orphans, ...all.filter((each) => !orphans.includes(each))].flatMap((each) => {
      const name = nameOf(each, parentOf(each));
      return name === undefined ? [] : [[name, each] as const];
    });
    return new Map(found);
  }

  /** Whether all processes of a node run; false while its container does not. */
  async isComplete(): Promise<boolean> {
    const named = await this.named().catch(() => new Map<ProcessName, NodeProcess>());
    return PROCESSES.every((name) => named.has(name));
  }

  async process(name: ProcessName): Promise<NodeProcess> {
    const found = (await this.named()).get(name);
    if (found === undefined) throw new Error(`${this.name} has no process ${name}`);
    return found;
  }

  /** The fields of `/proc/PID/status`. */
  async status({ pid }: NodeProcess): Promise<Readonly<Record<string, string>>> {
    const { stdout } = await this.engine.run(["cat", `/proc/${pid}/status`]);
    return Object.fromEntries(stdout.split("\n").map((line) => line.split(":\t") as [string, string]));
  }

  /** Signals processes from outside, where nothing holds that back. */
  async signal(signal: string, ...processes: readonly NodeProcess[]): Promise<void> {
    const pids = processes.map(({ pid }) => String(pid));
    const { code, stderr } = await this.engine.run(["kill", `-${signal}`, ...pids]);
    if (code !== 0) throw new Error(`kill -${signal}: ${stderr}`);
  }

  async health(): Promise<string> {
    return (await this.container.inspect()).State.Health?.Status ?? "none";
  }

  async holds(address: string): Promise<boolean> {
    return (await this.exec(["ip", "-brief", "address", "show", "eth0"])).output.includes(`${address}/`);
  }
}

function nameOf({ name, words }: NodeProcess, parent: string): ProcessName | undefined {
  if (name === "runsvdir") return name;
  if (name === "runsv") return PROCESSES.find((each) => each === words);
  if (name === "dnsdist") return name;
  if (name === "haproxy") return parent === name ? "haproxy worker" : "haproxy master";
  if (name === "keepalived") return parent === name ? "keepalived vrrp" : "keepalived parent";
  if (words.includes(" serve ")) return "agent";
  return words.endsWith(" watch") && !words.endsWith(" run watch") ? "watch" : undefined;
}
