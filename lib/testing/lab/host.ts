import { type CommandOptions, type CommandResult, command } from "./command.js";
import { namespaceName, programDirectory } from "./names.js";
import { processesIn, signalAll } from "./namespace.js";
import { rooted } from "./root.js";

/** An interface of a host, with the name of its port in the switch. */
export interface HostInterface {
  readonly name: string;
  readonly port: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** The subnets that are reached through it, beside what the default route leads to. */
  readonly subnets: readonly string[];
  /** The networks of its addresses; an address in none of them stands alone. */
  readonly networks?: readonly string[];
  /** Routes in place of the default route to everything, each as `ip route` takes it. */
  readonly routes?: readonly string[];
}

/** A machine of the lab: a network namespace with interfaces in the lab's one switch. */
export class Host {
  readonly namespace: string;

  constructor(
    private readonly lab: string,
    readonly name: string,
    readonly interfaces: readonly HostInterface[],
    readonly forwards: boolean,
    /** The folder of the Debian system whose programs the host has; undefined for those of this machine. */
    private readonly root?: string,
    /** Whether it spreads flows, told apart by addresses and ports, over paths of the same cost. */
    readonly spreads = false,
  ) {
    this.namespace = namespaceName(lab, name);
  }

  get addresses(): readonly string[] {
    return this.interfaces.flatMap(({ addresses }) => addresses);
  }

  /** The command that runs a command on this host with the programs of this machine. */
  inside(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.namespace, ...argv];
  }

  /** The command that runs a command on this host with the host's own programs. */
  insideRoot(argv: readonly string[]): string[] {
    return this.inside(this.root === undefined ? argv : rooted(this.root, argv, programDirectory(this.lab)));
  }

  /** Runs a command on this host with the host's own programs. */
  exec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return command(this.insideRoot(argv), options);
  }

  /** The same host with other interfaces. */
  with(interfaces: readonly HostInterface[]): Host {
    return new Host(this.lab, this.name, interfaces, this.forwards, this.root, this.spreads);
  }

  processes(): number[] {
    return processesIn([this.namespace]);
  }

  /** Sends a signal to all processes on this host. */
  signal(signal: NodeJS.Signals): void {
    signalAll(this.processes(), signal);
  }
}
