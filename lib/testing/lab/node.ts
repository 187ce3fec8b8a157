import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalAddress } from "../../core/ip.js";
import type { Service } from "../../model/manifest.js";
import type { NodeSpec } from "../../model/node-spec.js";
import { type CommandResult, command } from "./command.js";
import { makeDirectory } from "./directory.js";
import { CommandError, LabError } from "./errors.js";
import type { Host } from "./host.js";
import type { Direction, Network } from "./network.js";
import { LabProcess } from "./process.js";
import type { SecretResolver } from "./secret.js";

/** The parts of the lab that a node uses. */
export interface NodeSurroundings {
  readonly network: Network;
  readonly secrets: SecretResolver;
  /** The directory for logs and incoming releases. */
  readonly directory: string;
  /** Whether crashed daemons are restarted. */
  readonly restart: boolean;
  /** Called before each event on the node. */
  disturbed(): Promise<void>;
}

/** Options for `LabNode.partition()`. */
export interface PartitionOptions {
  /**
   * The names of the nodes and servers from which the node is cut off.
   *
   * @default - all hosts
   */
  readonly from?: readonly string[];
}

const STOP_ROUNDS = 5;
/** What the agent runs by itself on a node that is no lab's. */
const METRICS = "metrics";

/** Controls a node of a load balancer in the lab, and simulates its failures. */
export class LabNode {
  readonly #processes = new Map<string, LabProcess>();
  #powered = true;
  #agents = 0;

  constructor(
    private spec: NodeSpec,
    private readonly surroundings: NodeSurroundings,
  ) {
    makeDirectory(surroundings.directory);
    makeDirectory(join(surroundings.directory, "logs"));
  }

  get name(): string {
    return this.spec.node;
  }

  /** The compiled spec of this node. */
  get nodeSpec(): NodeSpec {
    return this.spec;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** A daemon of the node. */
  process(service: string): LabProcess {
    const found = this.#processes.get(service);
    if (found !== undefined) return found;
    const known = this.spec.manifest.services.map(({ name }) => name);
    throw new LabError(`node "${this.name}" has no service "${service}"; it has ${known.join(", ")}`);
  }

  /** The output of a daemon, including previous runs. */
  logs(service: string): string {
    return this.process(service).logs();
  }

  /** Runs a command on the node; a failed one has a status other than 0. */
  exec(argv: readonly string[]): Promise<CommandResult> {
    return this.#host.exec(argv, { mayFail: true });
  }

  /** Runs the node's agent, such as `agent("status", "--json")` or `agent("drain")`. */
  async agent(...words: readonly string[]): Promise<CommandResult> {
    this.#agents += 1;
    try {
      return await this.exec([...this.#agent, ...words]);
    } finally {
      this.#agents -= 1;
    }
  }

  /** Applies a release, as a deployment would. Throws with the agent's output if the node refuses it. */
  async apply(spec: NodeSpec = this.spec): Promise<string> {
    const incoming = join(this.surroundings.directory, "incoming");
    rmSync(incoming, { recursive: true, force: true });
    mkdirSync(incoming, { mode: 0o700 });
    for (const { path, content } of spec.files) writeInto(incoming, path, content);
    for (const file of spec.secretFiles) {
      writeInto(incoming, file.path, await this.surroundings.secrets.resolveFile(file));
    }
    this.#supervise(spec);
    const { status, stdout, stderr } = await this.agent("apply", incoming);
    if (status !== 0) throw new CommandError(["dns-lb-agent", "apply", this.name], status, (stdout + stderr).trim());
    this.spec = spec;
    return stdout;
  }

  /** Powers the node on and starts its daemons with the release that was live before. */
  async start(): Promise<void> {
    await this.surroundings.disturbed();
    if (!this.#powered) {
      rmSync(this.spec.profile.paths.run, { recursive: true, force: true });
      await this.surroundings.network.restore(this.#host);
      this.#powered = true;
    }
    this.#supervise(this.spec);
    for (const process of this.#processes.values()) process.start();
  }

  /** Simulates a power failure: cuts the links, then kills all processes. Only the state directory is kept. */
  async kill(): Promise<void> {
    await this.surroundings.disturbed();
    if (!this.#powered) return;
    this.#powered = false;
    this.abandon();
    await this.surroundings.network.remove(this.#host);
  }

  /** Freezes all processes on the node, like a stalled hypervisor. */
  async pause(): Promise<void> {
    await this.surroundings.disturbed();
    // Repeated, for processes that are being forked.
    for (let round = 0; round < STOP_ROUNDS; round += 1) this.#host.signal("SIGSTOP");
  }

  /** Resumes the node after `pause()`. */
  async resume(): Promise<void> {
    await this.surroundings.disturbed();
    this.#host.signal("SIGCONT");
  }

  /** Drops packets in the switch: those to the node (`in`), those from the node (`out`), or both. */
  async partition(direction: Direction = "both", { from = [] }: PartitionOptions = {}): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.cut({ host: this.name, direction, from });
  }

  /** Ends a partition. */
  async heal(): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.heal(this.name);
  }

  /** Whether the node holds an address on a network interface now, its own or a virtual one. */
  async holds(address: string): Promise<boolean> {
    if (!this.#powered) return false;
    const { stdout } = await command(["ip", "-n", this.#host.namespace, "-o", "address", "show"]);
    const wanted = canonicalAddress(address);
    // Without lo, which has the virtual addresses at all times.
    return [...stdout.matchAll(/^\d+: (?!lo ).* inet6? ([^ /]+)/gm)].some(
      ([, local = ""]) => canonicalAddress(local) === wanted,
    );
  }

  /** Pulls the cable of one interface: the node and its peer on the switch see no carrier. */
  async unplug(device: string): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.setCarrier(this.#host, device, false);
  }

  /** Plugs the cable in again after `unplug()`. */
  async plug(device: string): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.setCarrier(this.#host, device, true);
  }

  /** Disables restarts, because the lab ends or the node loses its power. */
  abandon(): void {
    for (const process of this.#processes.values()) process.abandon();
  }

  get #host(): Host {
    const host = this.surroundings.network.host(this.name);
    if (host === undefined) throw new LabError(`node "${this.name}" has no host`);
    return host;
  }

  get #agent(): string[] {
    const { agent, state, run } = this.spec.profile.paths;
    return [`${agent}/dns-lb-agent`, "--state", state, "--run", run];
  }

  /**
   * Starts the services of a release that do not run yet, and what tells the metrics of the node; they wait until the
   * release is live.
   */
  #supervise(spec: NodeSpec): void {
    const services = spec.manifest.services.map(({ name }) => ({ name, words: ["run", name] }));
    // Services of releases before schema 2 have no settings.
    const hasMetrics = spec.manifest.services.some((service: Partial<Service>) => service.settings?.["metrics"]);
    for (const { name, words } of [...services, ...(hasMetrics ? [{ name: METRICS, words: [METRICS] }] : [])]) {
      if (this.#processes.has(name)) continue;
      const process = new LabProcess(
        { inside: (argv) => this.#host.insideRoot(argv) },
        {
          name,
          argv: [...this.#agent, ...words],
          log: join(this.surroundings.directory, "logs", name),
          // The agent relies on a supervisor to restart services that it stops.
          restarts: () => this.surroundings.restart || this.#agents > 0,
          disturbed: () => this.surroundings.disturbed(),
        },
      );
      this.#processes.set(name, process);
      process.start();
    }
  }
}

function writeInto(directory: string, path: string, content: string): void {
  const target = join(directory, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  writeFileSync(target, content, { mode: 0o600 });
}

/** The last lines of a node's logs, for errors. */
export function tailOf(node: LabNode): string {
  const { services } = node.nodeSpec.manifest;
  return services
    .map(({ name }) => `--- ${node.name} ${name}\n${node.logs(name).split("\n").slice(-15).join("\n")}`)
    .join("\n");
}
