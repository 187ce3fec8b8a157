import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addressesIn } from "../e2e/drill/node.js";
import { isAlive, killProcess, type ProcessId, processId } from "../e2e/engine/process-id.js";
import { mustRun, type RunOptions, type RunResult, run, until } from "../e2e/run.js";
import { enterGroup } from "./control-group.js";
import { type Identity, writeIdentity } from "./machine-files.js";
import type { Network } from "./network.js";
import { sshArguments } from "./ssh.js";

/** Seconds: far more than each takes. */
const BOOT = 90;
const POWER_OFF = 60;

/** How much a machine can write. */
const DISK = "2g";

const ENVIRONMENT = [
  ...["HOME=/root", "LANG=C.UTF-8", "PAGER=cat"],
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

/** Machines have control groups of version 2 alone, as Debian boots, whatever this system has. */
const MODERN = { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" };

/** Where a machine lies. */
export interface MachinePlace {
  readonly network: Network;
  /** The root that it begins with, which is not changed. */
  readonly base: string;
  /** The folder of all that is the machine's own. */
  readonly directory: string;
  /** The control group of the machine. */
  readonly group: string;
  /** The file with the private key for its user. */
  readonly clientKey: string;
}

interface Running {
  readonly supervisor: ProcessId;
  /** The machine's first process. */
  readonly init: ProcessId;
}

/**
 * A Debian machine: systemd and all that it starts, with a network, processes and files of its own, on this kernel. It is
 * restarted by `stop()` and `start()`: after a reboot from inside its cable is not plugged in.
 */
export class Machine {
  #id = "";
  #running: Running | undefined;
  #isMounted = false;

  constructor(
    private readonly place: MachinePlace,
    readonly identity: Identity,
  ) {}

  get name(): string {
    return this.identity.name;
  }

  get address(): string {
    return this.identity.addresses[0];
  }

  get address6(): string {
    return this.identity.addresses[1];
  }

  /** Changes when the machine is rebuilt, as the id of a virtual machine does. */
  get id(): string {
    return this.#id;
  }

  get runs(): boolean {
    return this.#running !== undefined && isAlive(this.#running.supervisor);
  }

  /** Switches it on, and waits until SSH lets its user in. Gives the seconds that this took. */
  async start(): Promise<number> {
    const started = performance.now();
    await this.powerOn();
    await this.untilReachable();
    return (performance.now() - started) / 1000;
  }

  /** Switches it on. */
  async powerOn(): Promise<void> {
    if (this.runs) throw new Error(`${this.name} runs already`);
    await this.#build();
    const { network, group } = this.place;
    await network.forget(this.#port);
    const nspawn = [
      ...["systemd-nspawn", "--quiet", "--directory", this.#root, "--machine", this.name, "--boot"],
      ...["--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off", "--timezone=off"],
      `--network-veth-extra=${this.#port}:eth0`,
    ];
    const [program = "", ...args] = network.namespace.inside(enterGroup(group, nspawn));
    const log = openSync(this.#path("console"), "a");
    const child = spawn(program, args, {
      stdio: ["ignore", log, log],
      detached: true,
      env: { ...process.env, ...MODERN },
    });
    closeSync(log);
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new Error("cannot start nsenter");
    try {
      await network.plug(this.#port);
      await until(`the first process of ${this.name}`, 10, () => {
        this.#running = findMachine(pid);
        return this.#running !== undefined;
      });
    } catch (error) {
      throw new Error(`${this.name} does not start: ${String(error)}\n${readFileSync(this.#path("console"), "utf8")}`);
    }
  }

  /** Waits until SSH lets its user in. */
  async untilReachable(): Promise<void> {
    const reached = async () => (await this.ssh(["true"])).code === 0;
    await until(`SSH to ${this.name}`, BOOT, reached).catch(async (error: Error) => {
      const journal = await this.journal().catch(String);
      throw new Error(`${error.message}\n${journal.split("\n").slice(-40).join("\n")}`);
    });
  }

  /** Presses the power button: its services are stopped in order. Gives the seconds that this took. */
  async stop(): Promise<number> {
    const started = performance.now();
    const { supervisor } = this.#mustRun();
    process.kill(supervisor.pid, "SIGTERM");
    await until(`the end of ${this.name}`, POWER_OFF, () => !isAlive(supervisor));
    return (performance.now() - started) / 1000;
  }

  /** Cuts its power: no process says a last word, no connection is ended. What was written to files stays. */
  async kill(): Promise<void> {
    const { supervisor, init } = this.#mustRun();
    await this.place.network.pull(this.#port);
    killProcess(init);
    await until(`the end of ${this.name}`, 10, () => !isAlive(supervisor));
  }

  /** Pulls its cable, or plugs it in again. */
  async setCarrier(present: boolean): Promise<void> {
    await (present ? this.place.network.plug(this.#port) : this.place.network.pull(this.#port));
  }

  /** Makes it anew from the root, with the same addresses and keys; it must be off. */
  async rebuild(): Promise<void> {
    if (this.runs) throw new Error(`${this.name} runs`);
    if (this.#isMounted) await this.place.network.namespace.mustRun(["umount", this.#root, this.#path("disk")]);
    this.#isMounted = false;
    await this.#build();
  }

  /** The addresses that it has in its network now; none while it is off. */
  async addresses(): Promise<readonly string[]> {
    return this.runs ? addressesIn((await this.exec(["ip", "-o", "address", "show"])).stdout) : [];
  }

  /** Runs a program inside as root, beside what systemd knows of. */
  exec(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run(this.#inside(argv), options);
  }

  /** Like `exec()`, and fails if the program does. */
  mustExec(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return mustRun(this.#inside(argv), options);
  }

  /** Runs a command line inside by SSH, as its user, from the operator's side of the switch. */
  ssh(words: readonly string[], options: readonly string[] = []): Promise<RunResult> {
    const knownHosts = this.#path("known_hosts");
    const access = { address: this.address, clientKey: this.place.clientKey, knownHosts, timeout: 2 };
    return run(this.place.network.namespace.onNetwork(sshArguments(access, words, options)));
  }

  /** Its journal since it was built, also when it is off; with a unit, that of the unit. */
  async journal(unit?: string): Promise<string> {
    const words = [
      "journalctl",
      "--no-pager",
      "--output=short-precise",
      ...(unit === undefined ? [] : ["--unit", unit]),
    ];
    const ended = () => mustRun(this.place.network.namespace.inside(["chroot", this.#root, ...words]));
    return (await (this.runs ? this.mustExec(words) : ended())).stdout;
  }

  /** Copies a file or a folder of it out, also when it is off. */
  async copyOut(path: string, folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    const tar = ["tar", "-C", "/", "-cf", "-", path.replace(/^\/+/, "")];
    const read = this.runs ? this.#inside(tar) : this.place.network.namespace.inside(["chroot", this.#root, ...tar]);
    await mustRun(["bash", "-o", "pipefail", "-c", 'to=$1; shift; "$@" | tar -C "$to" -xf -', "bash", folder, ...read]);
  }

  /** Puts its disk together, unless that is done. */
  async #build(): Promise<void> {
    if (this.#isMounted) return;
    const { base, network } = this.place;
    // In memory: quick to write, and gone with the namespace.
    const script = `
      mkdir -p "$2/disk" "$2/root"
      mount -t tmpfs -o mode=755,size=${DISK} tmpfs "$2/disk"
      mkdir "$2/disk/changes" "$2/disk/work"
      mount -t overlay -o "lowerdir=$1,upperdir=$2/disk/changes,workdir=$2/disk/work" overlay "$2/root"`;
    await network.namespace.mustRun(["sh", "-ec", script, "sh", base, this.place.directory]);
    this.#isMounted = true;
    this.#id = writeIdentity(join("/proc", String(network.namespace.init.pid), "root", this.#root), this.identity);
  }

  #inside(argv: readonly string[]): readonly string[] {
    const { init } = this.#mustRun();
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
    return ["nsenter", "-t", String(init.pid), ...namespaces, "--", "env", "-i", ...ENVIRONMENT, ...argv];
  }

  #mustRun(): Running {
    if (this.#running === undefined || !this.runs) throw new Error(`${this.name} is off`);
    return this.#running;
  }

  get #root(): string {
    return this.#path("root");
  }

  /** The machine's cable, on the side of the switch. */
  get #port(): string {
    return `m-${this.name}`;
  }

  #path(name: string): string {
    return join(this.place.directory, name);
  }
}

/** The machine that was started by a process of ours, when its first process is there. */
function findMachine(entered: number): Running | undefined {
  for (const child of childrenOf(entered)) {
    const supervisor = processId(child);
    for (const first of childrenOf(child)) {
      const init = processId(first);
      if (supervisor !== undefined && init !== undefined && isFirst(first)) return { supervisor, init };
    }
  }
  return undefined;
}

/** The numbers of the processes that a process has started. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isFirst(pid: number): boolean {
  try {
    return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
