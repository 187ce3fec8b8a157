import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { basename, join } from "node:path";
import Docker from "dockerode";
import { ENGINE_PACKAGES, ensureInstalled } from "./engine/install.js";
import { Namespace } from "./engine/namespace.js";
import { isAlive } from "./engine/process-id.js";
import { favour } from "./engine/processors.js";
import { startProxy } from "./engine/proxy.js";
import { mustRun, type RunOptions, type RunResult, run, until } from "./run.js";
import { makeTemporary, noteOwners, removeAbandoned, removeTemporary } from "./temporary.js";

const PROXY_PORT = 3142;
const GATEWAY = "172.31.255.1";

/** A Docker engine that tests can use, and what can be done to it. */
export interface Engine {
  /** For DOCKER_HOST and the provider's `host`. */
  readonly host: string;
  readonly docker: Docker;
  readonly version: string;
  /** What an HTTP client in a container of the default bridge, or in a build, needs to get out. */
  readonly proxy?: string;
  /** Set for an engine that was started here; a foreign one is never stopped or killed. */
  readonly own?: OwnEngine;
  /** The argument list that runs a program where the engine's processes and bridges are seen. */
  inside(argv: readonly string[]): readonly string[];
  /** Runs a program there. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Ends an engine that was started here and removes all that it made. */
  stop(): Promise<void>;
}

/** What only an engine that was started here allows. */
export interface OwnEngine {
  /** Where its processes and its networks are. */
  readonly namespace: Namespace;
  /** Where the daemon writes its log. */
  readonly log: string;
  /** Replaces the daemon.json, which the daemon reads at its next start. */
  configure(settings: object): void;
  /** Stops the daemon as an administrator would, and with it the containers, unless its settings say otherwise. */
  stopDaemon(): Promise<void>;
  startDaemon(): Promise<void>;
  /** Kills the daemon and every process of every container at once. */
  crash(): Promise<void>;
  /** Ends the network namespaces of containers that a crash has left. */
  forgetNetworks(): Promise<void>;
  /** Crashes, and forgets what a machine does not keep over a reboot: mounts, bridges, the contents of /run. */
  powerCut(): Promise<void>;
}

/** Options for `startEngine()`. */
export interface EngineOptions {
  /**
   * Start an engine even where one is reachable, because drills will stop and kill it.
   * @default false
   */
  readonly alwaysOwn?: boolean;
  /**
   * The daemon.json of an engine that is started here.
   * @default - empty
   */
  readonly settings?: object;
}

/** Finds a reachable engine, or installs Debian's and starts one that touches nothing of the host's. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  removeAbandoned();
  return (
    (options.alwaysOwn === true ? undefined : await reachableEngine()) ?? (await LocalEngine.start(options.settings))
  );
}

async function reachableEngine(): Promise<Engine | undefined> {
  const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  if (host.startsWith("unix://") && !existsSync(host.slice("unix://".length))) return undefined;
  const docker = host.startsWith("unix://") ? new Docker({ socketPath: host.slice("unix://".length) }) : new Docker();
  try {
    const { Version: version } = await docker.version();
    return {
      host,
      docker,
      version,
      inside: (argv) => argv,
      run: (argv, runOptions) => run(argv, runOptions),
      stop: async () => undefined,
    };
  } catch {
    return undefined;
  }
}

class LocalEngine implements Engine, OwnEngine {
  readonly host: string;
  readonly docker: Docker;
  readonly own = this;
  readonly proxy = `http://${GATEWAY}:${PROXY_PORT}`;
  readonly log: string;
  version = "";

  private constructor(
    private readonly directory: string,
    readonly namespace: Namespace,
    private readonly server: Server,
  ) {
    const socketPath = join(directory, "docker.sock");
    this.host = `unix://${socketPath}`;
    this.docker = new Docker({ socketPath });
    this.log = join(directory, "dockerd.log");
  }

  static async start(settings: object = {}): Promise<LocalEngine> {
    await ensureInstalled(ENGINE_PACKAGES);
    const directory = makeTemporary("engine");
    const namespace = await Namespace.create();
    noteOwners(directory, namespace.init);
    const engine = new LocalEngine(directory, namespace, await startProxy(join(directory, "proxy.sock")));
    try {
      engine.configure(settings);
      // Where a system-wide containerd is seen, dockerd would use it instead of its own.
      // And the names of network namespaces that are made inside are nobody's business outside.
      for (const place of ["/run/containerd", "/run/netns"]) {
        await namespace.mustRun(["mkdir", "-p", place]);
        await namespace.mustRun(["mount", "-t", "tmpfs", "tmpfs", place]);
      }
      await engine.startDaemon();
    } catch (error) {
      await engine.stop();
      throw error;
    }
    return engine;
  }

  configure(settings: object): void {
    writeFileSync(this.path("daemon.json"), JSON.stringify(settings));
  }

  inside(argv: readonly string[]): readonly string[] {
    return this.namespace.inside(argv);
  }

  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.namespace.run(argv, options);
  }

  async startDaemon(): Promise<void> {
    favour(this.group);
    const log = openSync(this.log, "a");
    const forward = join(__dirname, "engine", "forward.mjs");
    const local = `http://127.0.0.1:${PROXY_PORT}`;
    if ((await this.run(["sh", "-c", `pgrep -f '[f]orward.mjs ${PROXY_PORT}'`])).code !== 0) {
      this.namespace.start([process.execPath, forward, String(PROXY_PORT), join(this.directory, "proxy.sock")], log);
    }
    this.namespace.start(["dockerd", ...this.daemonOptions()], log, { HTTP_PROXY: local, HTTPS_PROXY: local });
    try {
      await until("dockerd", 60, () => this.answers());
    } catch (error) {
      throw new Error(`${String(error)}\n${readFileSync(this.log, "utf8").slice(-2000)}`);
    }
    this.version = (await this.docker.version()).Version;
  }

  async stopDaemon(): Promise<void> {
    const pid = readFileSync(this.path("dockerd.pid"), "utf8").trim();
    await this.namespace.mustRun(["kill", "-TERM", pid]);
    await until("the end of dockerd", 60, () => !existsSync(this.path("dockerd.pid")));
  }

  async crash(): Promise<void> {
    await this.namespace.killAll();
    await until("the end of dockerd", 10, async () => !(await this.answers()));
    await mustRun(["rm", "-f", this.path("dockerd.pid")]);
  }

  async forgetNetworks(): Promise<void> {
    await this.namespace.mustRun([
      "sh",
      "-c",
      `cut -d' ' -f2 /proc/mounts | grep '^${this.path("exec")}/netns/' | xargs -r umount -l`,
    ]);
  }

  async powerCut(): Promise<void> {
    await this.crash();
    const { directory } = this;
    const forget = [
      `cut -d' ' -f2 /proc/mounts | grep '^${directory}/' | sort -r | xargs -r umount -l`,
      `rm -rf ${directory}/exec /run/containerd/*`,
      "for kind in bridge macvlan veth; do",
      "  ip -o link show type $kind | cut -d: -f2 | cut -d@ -f1 | xargs -rn1 ip link delete || true",
      "done",
    ];
    await this.namespace.mustRun(["sh", "-c", forget.join("\n")]);
  }

  async stop(): Promise<void> {
    this.namespace.destroy();
    await until("the end of the engine's namespace", 30, () => !isAlive(this.namespace.init));
    this.server.close();
    this.server.closeAllConnections();
    removeTemporary(this.directory);
  }

  private daemonOptions(): readonly string[] {
    return [
      `--host=${this.host}`,
      `--data-root=${this.path("data")}`,
      `--exec-root=${this.path("exec")}`,
      `--pidfile=${this.path("dockerd.pid")}`,
      `--bip=${GATEWAY}/24`,
      `--cgroup-parent=/${this.group}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      `--config-file=${this.path("daemon.json")}`,
      "--log-level=warn",
    ];
  }

  /** The control group of all containers. */
  private get group(): string {
    return basename(this.directory);
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private async answers(): Promise<boolean> {
    try {
      await this.docker.ping();
      return true;
    } catch {
      return false;
    }
  }
}
