import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { inject } from "vitest";
import type { Manifest, Service } from "../../../lib/model/manifest.js";
import { withoutProgress } from "../../progress-lines.js";
import { installAgent } from "./install.js";

// In memory where that is possible: the agent waits for the disk with every file of a release.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** `ip` as far as it only looks: no test changes the addresses and routes of this machine. */
const LOOKING_IP = `#!/bin/sh
case " $* " in *" replace "* | *" del "*) exit ;; esac
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec ip "$@"
`;

/** The program of the agent. */
export const AGENT = installed();

export const ME = userInfo().username;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A node in a temporary folder, with the real agent and fake daemons. */
export class FakeNode {
  readonly dir = mkdtempSync(join(TEMPORARY, "dns-lb-agent-"));
  readonly state = join(this.dir, "state");
  readonly run = join(this.dir, "run");
  private readonly bin = join(this.dir, "bin");
  private readonly children: ChildProcess[] = [];

  /** A node whose agent is this program. */
  constructor(readonly agentProgram = AGENT) {
    chmodSync(this.dir, 0o755);
    mkdirSync(this.bin);
    // No test changes the filters of this machine.
    this.program("nft", "#!/bin/sh\n");
    this.program("ip", LOOKING_IP);
  }

  /** Puts a program where the agent and the daemons find it. */
  program(name: string, text: string): void {
    writeFileSync(join(this.bin, name), text, { mode: 0o755 });
  }

  /** Writes a bundle as a platform hands it over. */
  bundle(manifest: Manifest, files: Readonly<Record<string, string>> = {}): string {
    const folder = mkdtempSync(join(this.dir, "bundle-"));
    for (const [path, content] of Object.entries({ "manifest.json": JSON.stringify(manifest), ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }

  /** Runs the agent to its end. What it says only where a machine is busy is left out; `start()` has all of it. */
  async agent(...words: string[]): Promise<Outcome> {
    const { stderr, ...outcome } = await this.start(...words).outcome;
    return { ...outcome, stderr: withoutProgress(stderr) };
  }

  start(...words: string[]): { readonly process: ChildProcess; readonly outcome: Promise<Outcome> } {
    return this.startProgram(this.agentProgram, words);
  }

  /** Starts the agent by a program of the node's own, which gets the agent's arguments. */
  startProgram(
    program: string,
    words: readonly string[],
  ): { readonly process: ChildProcess; readonly outcome: Promise<Outcome> } {
    const process = spawn(program, ["--state", this.state, "--run", this.run, ...words], { env: this.env() });
    let stdout = "";
    let stderr = "";
    process.stdout.on("data", (data) => {
      stdout += data;
    });
    process.stderr.on("data", (data) => {
      stderr += data;
    });
    const outcome = new Promise<Outcome>((resolve) => {
      process.on("close", (status) => resolve({ status, stdout, stderr }));
    });
    return { process, outcome };
  }

  /** Keeps a service running, as a supervisor does. */
  supervise(service: string): void {
    const loop = 'trap "kill \\$!; exit" TERM; while :; do "$@" & wait $!; sleep 0.02; done';
    const words = [
      "-c",
      loop,
      "supervisor",
      this.agentProgram,
      "--state",
      this.state,
      "--run",
      this.run,
      "run",
      service,
    ];
    this.children.push(spawn("bash", words, { env: this.env(), stdio: "ignore", detached: true }));
  }

  /** Runs a program in the background until the node is closed. */
  background(command: string, ...words: string[]): void {
    this.children.push(spawn(command, words, { env: this.env(), stdio: "ignore", detached: true }));
  }

  releases(): string[] {
    return readdirSync(join(this.state, "releases")).sort();
  }

  current(): string | undefined {
    const link = join(this.state, "current");
    return existsSync(link) ? readlinkSync(link).replace("releases/", "") : undefined;
  }

  previous(): string | undefined {
    const link = join(this.state, "previous");
    return existsSync(link) ? readlinkSync(link).replace("releases/", "") : undefined;
  }

  /** The words that fake daemons left in the node's journal, one line each. */
  journal(): string[] {
    const path = join(this.dir, "journal");
    return existsSync(path)
      ? readFileSync(path, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
  }

  pid(service: string): number | undefined {
    const path = join(this.run, `${service}.pid`);
    return existsSync(path) ? Number(readFileSync(path, "utf8").split("\n")[0]) : undefined;
  }

  close(): void {
    for (const child of this.children) {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, "SIGKILL");
        } catch {
          // It is gone already.
        }
      }
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  private env(): Record<string, string> {
    return { PATH: `${this.bin}:${process.env["PATH"]}`, JOURNAL: join(this.dir, "journal"), SECRET: "of the caller" };
  }
}

function installed(): string {
  const folder = mkdtempSync(join(inject("scratch"), "agent-"));
  // Daemons that run as another user start it, too.
  chmodSync(folder, 0o755);
  return installAgent(folder);
}

/** A manifest with one service that accepts everything; `part` replaces what a test is about. */
export function manifest(part: Partial<Manifest> = {}): Manifest {
  return {
    schema: 2,
    workload: "lb",
    node: "a",
    user: ME,
    services: [service()],
    compose: [],
    ready: [],
    pools: [],
    mobility: { kind: "fixed" },
    watch: { interval: 200, timeout: 400, fall: 2, rise: 25, checks: [] },
    ...part,
  };
}

/** A service that accepts everything, runs until it is stopped and reloads by a command; `part` replaces. */
export function service(part: Partial<Service> = {}): Service {
  const { name = "unbound" } = part;
  return {
    name,
    command: ["sleep", "1000"],
    user: ME,
    check: ["true"],
    reload: ["true"],
    settings: SETTINGS[name] ?? {},
    restartOn: [],
    keepsData: false,
    listeners: [],
    ...part,
  };
}

/** What the compiler tells of each daemon. */
const SETTINGS: Readonly<Record<string, Service["settings"]>> = {
  haproxy: {
    masterSocket: "{run}/haproxy-master.sock",
    runtimeSocket: "{run}/haproxy.sock",
    stateFile: "{run}/haproxy-servers",
  },
  dnsdist: { console: "127.0.0.1:5199", key: "{run}/dnsdist.key", client: "{run}/dnsdist-client.conf" },
  keepalived: {
    pid: "{run}/private/keepalived-main.pid",
    vrrpPid: "{run}/private/keepalived-vrrp.pid",
    data: "{run}/private/keepalived.data",
  },
};

/** Waits until something holds. */
export async function until(holds: () => boolean, milliseconds = 8_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`this did not come true within ${milliseconds} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
