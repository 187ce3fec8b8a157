import { type CommandOptions, type CommandResult, command } from "./command.js";
import { namespaceName } from "./names.js";
import { processesIn, signalAll } from "./namespace.js";

/** An interface of a host, with the name of its port in the switch. */
export interface HostInterface {
  readonly name: string;
  readonly port: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** The subnets that are reached through it, beside what the default route leads to. */
  readonly subnets: readonly string[];
}

/** A machine of the lab: a network namespace with interfaces in the lab's one switch. */
export class Host {
  readonly namespace: string;

  constructor(
    lab: string,
    readonly name: string,
    readonly interfaces: readonly HostInterface[],
    readonly forwards: boolean,
  ) {
    this.namespace = namespaceName(lab, name);
  }

  get addresses(): readonly string[] {
    return this.interfaces.flatMap(({ addresses }) => addresses);
  }

  /** The command that runs a command on this host. */
  inside(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.namespace, ...argv];
  }

  exec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return command(this.inside(argv), options);
  }

  processes(): number[] {
    return processesIn([this.namespace]);
  }

  /** Sends a signal to all processes on this host. */
  signal(signal: NodeJS.Signals): void {
    signalAll(this.processes(), signal);
  }
}
