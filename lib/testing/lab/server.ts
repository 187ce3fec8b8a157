import { mkdirSync, writeFileSync } from "node:fs";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import { type LoggedQuery, QueryLog } from "./dnstap.js";
import { LabError } from "./errors.js";
import type { Host } from "./host.js";
import type { Direction, Network } from "./network.js";
import { LabProcess } from "./process.js";
import {
  configurationOf,
  localZones,
  nsdConf,
  type ServerPaths,
  serverFiles,
  zoneOf,
  zonePath,
  zoneText,
} from "./server-files.js";
import { ownerOf, type StandIn, wildcardOf } from "./stand-in.js";
import { waitFor } from "./wait.js";

/** Options for `LabServer.queries()`. */
export interface QueryFilter {
  /** @default - every name */
  readonly name?: string;
  /** @default - every client */
  readonly client?: string;
  /**
   * How long to wait first, because servers log queries up to two seconds late.
   *
   * @default "2500ms"
   */
  readonly settle?: Duration;
}

const STARTED = { unbound: /start of service/, nsd: /nsd started/ } as const;
const START_TIMEOUT = 10_000;

/** Controls a downstream server of the lab, a real unbound or NSD on a host of its own, and simulates its failures. */
export class LabServer {
  readonly #process: LabProcess;
  readonly #log: QueryLog | undefined;
  #ill = false;

  constructor(
    private standIn: StandIn,
    private readonly paths: ServerPaths,
    private readonly host: Host,
    private readonly network: Network,
    restart: boolean,
  ) {
    this.#log = paths.queryLog === undefined ? undefined : new QueryLog(paths.queryLog);
    const configuration = configurationOf(standIn, paths);
    this.#process = new LabProcess(
      { inside: (argv) => host.insideRoot(argv) },
      {
        name: standIn.program,
        argv: [paths.program, "-d", "-c", configuration],
        log: `${paths.directory}/log`,
        restarts: () => restart,
        disturbed: async () => {},
      },
    );
  }

  get name(): string {
    return this.standIn.name;
  }

  get address(): string {
    return this.standIn.address;
  }

  /** The servers of pools that it stands in for, as `pool/server`. */
  get plays(): readonly string[] {
    return this.standIn.plays;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** Starts the server with healthy probes, and waits until it serves. */
  async start(): Promise<void> {
    if (this.#process.running) return;
    mkdirSync(this.paths.directory, { recursive: true });
    this.#write(serverFiles(this.standIn, this.paths));
    this.#ill = false;
    await this.#log?.listen();
    const before = this.#process.logs().length;
    this.#process.start();
    await waitFor(
      () => {
        if (!this.#process.running) throw new LabError(`server "${this.name}" did not start:\n${this.logs()}`);
        return STARTED[this.standIn.program].test(this.#process.logs().slice(before));
      },
      { what: `server "${this.name}" starts`, timeout: START_TIMEOUT },
    );
  }

  /** Applies the changes of a load balancer to the server; restarts only if its ports change. */
  async become(standIn: StandIn): Promise<void> {
    const portsChange = JSON.stringify(standIn.ports) !== JSON.stringify(this.standIn.ports);
    if (JSON.stringify(standIn) === JSON.stringify(this.standIn)) return;
    this.standIn = standIn;
    if (!this.running) return;
    if (portsChange) {
      await this.stop();
      await this.start();
      return;
    }
    this.#write(serverFiles(standIn, this.paths));
    if (standIn.program === "nsd") await this.#control("reconfig");
    await this.#control("reload");
  }

  /** Stops the server by SIGTERM; its ports are closed then. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Crashes the server; its ports are closed then. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Hangs the server: its ports stay open, but it does not answer. */
  pause(): Promise<void> {
    return this.#process.pause();
  }

  /** Resumes the server after `pause()`. */
  resume(): Promise<void> {
    return this.#process.resume();
  }

  /** Drops packets in the switch: those from the server (`out`), those to it (`in`), or both. */
  partition(direction: Direction = "both"): Promise<void> {
    return this.network.cut({ host: this.host.name, direction, from: [] });
  }

  heal(): Promise<void> {
    return this.network.heal(this.host.name);
  }

  /**
   * Makes the probes fail while the server still answers for other names: a resolver refuses the probe's name; NSD
   * removes the record, or the whole zone if the probe queries the zone's own name.
   */
  async ill(): Promise<void> {
    if (this.#ill) return;
    this.#ill = true;
    for (const { name } of this.standIn.probes) {
      if (this.standIn.program === "unbound") await this.#control("local_zone", name, "always_refuse");
      else await this.#removeRecord(name.toLowerCase());
    }
  }

  /** Undoes `ill()`. */
  async well(): Promise<void> {
    if (!this.#ill) return;
    this.#ill = false;
    const { standIn } = this;
    if (standIn.program === "nsd") {
      this.#write(serverFiles(standIn, this.paths));
      await this.#control("reconfig");
      await this.#control("reload");
      return;
    }
    const zones = localZones(standIn);
    for (const { name } of standIn.probes) {
      const kind = zones.get(name.toLowerCase());
      await (kind === undefined ? this.#control("local_zone_remove", name) : this.#control("local_zone", name, kind));
    }
  }

  /** The queries that reached the server, probes included. Throws in a lab without `queryLog`. */
  async queries(filter: QueryFilter = {}): Promise<readonly LoggedQuery[]> {
    const log = this.#log;
    if (log === undefined) throw new LabError(`server "${this.name}" logs no queries: the lab has queryLog: false`);
    await new Promise((resolve) => setTimeout(resolve, toMilliseconds(filter.settle ?? "2500ms")));
    const name = filter.name === undefined ? undefined : `${filter.name.replace(/\.$/, "")}.`.toLowerCase();
    return log.queries.filter(
      (query) =>
        (name === undefined || query.name === name) && (filter.client === undefined || query.client === filter.client),
    );
  }

  /** Clears the queries logged so far. */
  clearQueries(): void {
    this.#log?.clear();
  }

  /** The output of the daemon. */
  logs(): string {
    return this.#process.logs();
  }

  /** Closes the receiver of the server's query log, and restarts the server no more, because the lab ends. */
  close(): void {
    this.#process.abandon();
    this.#log?.close();
  }

  async #removeRecord(name: string): Promise<void> {
    const zone = zoneOf(this.standIn, name);
    if (zone === undefined) return;
    if (zone === name) {
      const others = Object.keys(this.standIn.zones).filter((other) => other !== zone);
      this.#write({ [configurationOf(this.standIn, this.paths)]: nsdConf(this.standIn, this.paths, others) });
      await this.#control("reconfig");
      return;
    }
    const removed = [name, wildcardOf(name)];
    const lines = (this.standIn.zones[zone] ?? []).filter((line) => !removed.includes(ownerOf(line)));
    this.#write({ [zonePath(this.paths, zone)]: zoneText(zone, lines) });
    await this.#control("reload", zone);
  }

  async #control(...words: readonly string[]): Promise<void> {
    const program = this.standIn.program === "nsd" ? "nsd-control" : "unbound-control";
    await this.host.exec([program, "-c", configurationOf(this.standIn, this.paths), ...words]);
  }

  #write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) writeFileSync(path, content);
  }
}
