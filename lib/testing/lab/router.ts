import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BirdFile, printBird } from "../../config/bird/index.js";
import { canonicalAddress, familyOf, hostCidr } from "../../core/ip.js";
import { askBird } from "./bird-control.js";
import { makeDirectory } from "./directory.js";
import { LabError } from "./errors.js";
import type { Host } from "./host.js";
import type { Direction, Network } from "./network.js";
import type { PartitionOptions } from "./node.js";
import { LabProcess } from "./process.js";
import { ResilientGroups } from "./resilient-groups.js";
import { type Hop, hopsIn, RouteWatch } from "./route-watch.js";

/** A BGP session of a router with a node, as the router sees it. */
export interface LabSession {
  readonly node: string;
  /** The node's address. */
  readonly neighbor: string;
  readonly established: boolean;
  /** Whether the router hears the node by BFD; absent where the session has none. */
  readonly bfd?: boolean;
}

/** The path to a service address by one node, as a router has heard it. */
export interface LabPath {
  readonly node: string;
  /** How often the node has put its system before the path: 0 at its best. */
  readonly cost: number;
  /** Whether the node asks to be left (RFC 8326). */
  readonly leaving: boolean;
}

/** What a router runs. */
export interface RouterWork {
  readonly bird: BirdFile;
  /** Passwords of its sessions, for root alone. */
  readonly secrets?: BirdFile;
  /** Its sessions with nodes, by their names in BIRD. */
  readonly sessions: ReadonlyMap<string, { readonly node: string; readonly neighbor: string; readonly bfd: boolean }>;
  /** The addresses that the nodes announce. */
  readonly services: readonly string[];
}

/** The parts of the lab that a router uses. */
export interface RouterSurroundings {
  readonly network: Network;
  readonly directory: string;
  readonly ecmp: "plain" | "resilient";
  /** Called before each event on the router. */
  disturbed(): Promise<void>;
}

const CONFIGURATION = "bird.conf";
/** The file of a router's passwords, beside bird.conf. */
export const SECRETS = "secrets.conf";

/** Controls a router before the nodes of a group, a real BIRD on a host of its own, and simulates its failures. */
export class LabRouter {
  /** The BIRD of the router. It is not restarted; without it, the router forwards by the routes that it had. */
  readonly bird: LabProcess;
  #watch: RouteWatch | undefined;
  #powered = true;
  #running = "";

  constructor(
    readonly name: string,
    /** In the networks of nodes. */
    readonly addresses: readonly string[],
    private work: RouterWork,
    private readonly surroundings: RouterSurroundings,
  ) {
    const { directory } = surroundings;
    makeDirectory(directory);
    this.bird = new LabProcess(
      { inside: (argv) => this.#host.insideRoot(argv) },
      {
        name: "bird",
        argv: [
          "bird",
          "-f",
          "-c",
          join(directory, CONFIGURATION),
          "-s",
          this.#socket,
          "-P",
          join(directory, "bird.pid"),
        ],
        log: join(directory, "log"),
        restarts: () => false,
        disturbed: () => surroundings.disturbed(),
      },
    );
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Runs what a router is to run from now on. */
  async become(work: RouterWork): Promise<void> {
    const { directory, ecmp } = this.surroundings;
    this.work = work;
    if (work.secrets !== undefined) writeSecret(join(directory, SECRETS), printBird(work.secrets));
    const text = printBird(work.bird);
    if (text === this.#running && this.bird.running) return;
    writeFileSync(join(directory, CONFIGURATION), text);
    this.#running = text;
    if (!this.#powered) return;
    if (this.bird.running) await askBird(this.#socket, "configure");
    else this.bird.start();
    if (ecmp === "plain") return;
    this.#watch ??= new RouteWatch(() => this.#host, new ResilientGroups(() => this.#host));
    this.#watch.start(work.services);
  }

  /** The router's sessions with nodes. None is established while its BIRD does not run. */
  async sessions(): Promise<readonly LabSession[]> {
    const [protocols, heard] = await Promise.all([this.#ask("show protocols"), this.#ask("show bfd sessions")]);
    const established = new Set(protocols.flatMap((line) => /^(\S+)\s+BGP\s.*\sEstablished\s*$/.exec(line)?.[1] ?? []));
    const up = new Set(heard.flatMap((line) => /^(\S+)\s+\S+\s+Up\s/.exec(line)?.[1] ?? []));
    return [...this.work.sessions].map(([name, { node, neighbor, bfd }]) => ({
      ...{ node, neighbor, established: established.has(name) },
      ...(bfd ? { bfd: up.has(neighbor) } : {}),
    }));
  }

  /** The paths to a service address that the router has heard. */
  async paths(address: string): Promise<readonly LabPath[]> {
    const wanted = hostCidr(canonicalAddress(address));
    const found: LabPath[] = [];
    let node: string | undefined;
    let within = false;
    for (const line of await this.#ask("show route all")) {
      const [, prefix = "", session] = /^(\S*)\s+unicast \[(\S+) /.exec(line) ?? [];
      if (session !== undefined) {
        if (prefix !== "") within = prefix === wanted;
        node = within ? this.work.sessions.get(session)?.node : undefined;
        if (node !== undefined) found.push({ node, cost: 0, leaving: false });
        continue;
      }
      const last = node === undefined ? undefined : found.pop();
      if (last === undefined) continue;
      const [, path] = /(?:as_path|bgp_path): (.*)$/.exec(line) ?? [];
      const leaves = /community: .*\(65535, ?0\)/.test(line);
      const cost = path === undefined ? last.cost : path.trim().split(/\s+/).length - 1;
      found.push({ ...last, cost, leaving: last.leaving || leaves });
    }
    return found;
  }

  /**
   * The names of the nodes, sorted, over which the kernel of the router spreads flows to a service address now. Throws where
   * the kernel has refused a resilient group.
   */
  async nodes(address: string): Promise<readonly string[]> {
    await this.#watch?.settled();
    const hops = this.#powered ? await hopsIn(this.#host, canonicalAddress(address)) : [];
    return hops.map((hop) => this.#nodeOf(hop)).sort();
  }

  /** Runs a command on the router; a failed one has a status other than 0. */
  exec(argv: readonly string[]) {
    return this.#host.exec(argv, { mayFail: true });
  }

  /** Simulates a power failure: cuts the links, then kills all processes. */
  async kill(): Promise<void> {
    await this.surroundings.disturbed();
    if (!this.#powered) return;
    this.#powered = false;
    this.abandon();
    await this.surroundings.network.remove(this.#host);
  }

  /** Powers the router on, and starts its BIRD. */
  async start(): Promise<void> {
    await this.surroundings.disturbed();
    if (!this.#powered) {
      await this.surroundings.network.restore(this.#host);
      this.#powered = true;
    }
    await this.become(this.work);
  }

  /** Drops packets in the switch: those to the router (`in`), those from it (`out`), or both. */
  async partition(direction: Direction = "both", { from = [] }: PartitionOptions = {}): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.cut({ host: this.name, direction, from });
  }

  /** Ends a partition. */
  async heal(): Promise<void> {
    await this.surroundings.disturbed();
    await this.surroundings.network.heal(this.name);
  }

  /** The output of its BIRD, including previous runs. */
  logs(): string {
    return this.bird.logs();
  }

  /** Ends what the lab does for the router, because the lab ends or the router loses its power. */
  abandon(): void {
    this.bird.abandon();
    this.#watch?.stop();
    this.#watch = undefined;
  }

  get #socket(): string {
    return join(this.surroundings.directory, "bird.ctl");
  }

  get #host(): Host {
    const host = this.surroundings.network.host(this.name);
    if (host === undefined) throw new LabError(`router "${this.name}" has no host`);
    return host;
  }

  async #ask(words: string): Promise<readonly string[]> {
    return this.bird.running ? askBird(this.#socket, words).catch(() => []) : [];
  }

  /** The node that has an address; of IPv6 a router may know the one of the link alone, which the lab makes of the MAC. */
  #nodeOf({ gateway }: Hop): string {
    const { network } = this.surroundings;
    const own = canonicalAddress(gateway);
    const family = familyOf(own);
    const byLink = network.hosts.find(({ interfaces }) => interfaces.some(({ mac }) => linkLocal(mac) === own));
    return (network.hostOf(own) ?? (family === "ipv6" ? byLink : undefined))?.name ?? gateway;
  }
}

/** The link-local address that an interface makes of its MAC address (RFC 4291, appendix A). */
function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((part) => Number.parseInt(part, 16));
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  return canonicalAddress(`fe80::${groups.map((group) => group.toString(16)).join(":")}`);
}

function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}
