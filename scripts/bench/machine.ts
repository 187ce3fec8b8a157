import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelLab } from "../../lib/testing/index.js";
import { type CommandResult, command } from "../../lib/testing/lab/command.js";
import { Host } from "../../lib/testing/lab/host.js";
import { labDirectory } from "../../lib/testing/lab/names.js";
import { LabProcess } from "../../lib/testing/lab/process.js";

/*
 * One query a connection leaves a closed connection for each behind; with the kernel's settings the ports would be used
 * up in seconds, and the bench would measure how fast they come back. So every host of the bench has all ports, and
 * keeps few closed connections.
 */
const SYSCTLS = [
  "net.ipv4.ip_local_port_range=1024 65535",
  "net.ipv4.tcp_tw_reuse=1",
  "net.ipv4.tcp_max_tw_buckets=1000",
];

/** Gives a host of the bench the kernel settings that all of them have. */
export async function settle(namespace: string): Promise<void> {
  await command(["ip", "netns", "exec", namespace, "sysctl", "-q", "-w", ...SYSCTLS]);
}

/** A host in the network of a lab that runs what is made by hand: a peer, or what makes the load. */
export class Machine {
  readonly directory: string;
  readonly #host: Host;

  private constructor(
    lab: ModelLab,
    readonly address: string,
    root: string | undefined,
  ) {
    // The lab makes a host for each of its clients; this one has the address of a client that asks only once.
    this.#host = new Host(lab.name, `client-${address}`, [], false, root);
    this.directory = join(labDirectory(lab.name), "bench", address);
    mkdirSync(this.directory, { recursive: true, mode: 0o755 });
  }

  /** Adds a host; it runs the programs of the Debian system in the folder `root`, or those of this machine. */
  static async add(lab: ModelLab, address: string, root?: string): Promise<Machine> {
    const client = lab.client(address);
    const [server] = lab.servers;
    await client.query("example.com", "SOA", { server: server?.address ?? address });
    client.close();
    const machine = new Machine(lab, address, root);
    await settle(machine.namespace);
    return machine;
  }

  get namespace(): string {
    return this.#host.namespace;
  }

  /** Writes a file into the folder of the machine, and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** Starts a daemon, with a session of its own, as those of nodes have. */
  start(name: string, argv: readonly string[]): LabProcess {
    const process = new LabProcess(
      { inside: (words) => this.#host.insideRoot(words) },
      {
        ...{ name, argv, log: join(this.directory, `${name}.log`) },
        restarts: () => false,
        disturbed: async () => {},
      },
    );
    process.start();
    return process;
  }

  /** Gives the host further addresses in the network of the lab. */
  async addAddresses(addresses: readonly string[]): Promise<void> {
    const { stdout } = await this.run(["ip", "-json", "address", "show", "to", this.address]);
    const [{ ifname, addr_info }] = JSON.parse(stdout);
    const [{ prefixlen }] = addr_info;
    for (const address of addresses) {
      await this.run(["ip", "address", "add", `${address}/${prefixlen}`, "dev", ifname]);
    }
  }

  /** Runs a program of this machine, not of the root, to its end. */
  run(argv: readonly string[]): Promise<CommandResult> {
    return command(this.#host.inside(argv));
  }
}
