import { type ChildProcess, spawn } from "node:child_process";
import { canonicalAddress, type Family, familyOf } from "../../core/ip.js";
import { command } from "./command.js";
import { environment } from "./environment.js";
import type { Host } from "./host.js";

/** A next hop of a route. */
export interface Hop {
  readonly gateway: string;
  readonly device: string;
}

/** What is told of the routes of a host. */
export interface RouteListener {
  /** The next hops to an address by routes that BIRD has installed; none if it has none. */
  changed(address: string, hops: readonly Hop[]): Promise<void>;
}

interface JsonHop {
  readonly gateway?: string;
  readonly via?: { readonly host?: string };
  readonly dev?: string;
}

interface JsonRoute extends JsonHop {
  readonly dst: string;
  readonly metric?: number;
  readonly nexthops?: readonly JsonHop[];
}

/** Milliseconds after which a route that is not there has gone. */
const GONE = 50;

/** Follows the routes to some addresses that a host's BIRD installs. */
export class RouteWatch {
  #monitor: ChildProcess | undefined;
  #addresses: readonly string[] = [];
  #again = false;
  #telling: Promise<void> | undefined;
  /** What a listener failed with, by address. */
  readonly #failures = new Map<string, unknown>();

  constructor(
    private readonly host: () => Host,
    private readonly listener: RouteListener,
  ) {}

  /** Begins to follow, or follows other addresses. */
  start(addresses: readonly string[]): void {
    this.#addresses = addresses.map(canonicalAddress);
    if (this.#monitor === undefined) {
      const [program = "", ...rest] = this.host().inside(["ip", "monitor", "route"]);
      const monitor = spawn(program, rest, { stdio: ["ignore", "pipe", "ignore"], env: environment() });
      monitor.unref();
      monitor.stdout.on("data", () => this.#changed());
      monitor.on("error", () => {});
      this.#monitor = monitor;
    }
    this.#changed();
  }

  stop(): void {
    this.#monitor?.kill("SIGKILL");
    this.#monitor = undefined;
    this.#failures.clear();
  }

  /** Waits until all that was seen has been told. Throws what the listener has failed with last, until it does not fail. */
  async settled(): Promise<void> {
    await this.#telling;
    for (const failure of this.#failures.values()) throw failure;
  }

  /** Tells one state after the other; those that have passed meanwhile are left out. */
  #changed(): void {
    this.#again = true;
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
  }

  /** BIRD replaces a route by removing it first: one that is not there has gone only if it stays away. */
  async #hops(address: string): Promise<readonly Hop[]> {
    const hops = await hopsIn(this.host(), address, "bird");
    if (hops.length > 0) return hops;
    await new Promise((resolve) => setTimeout(resolve, GONE));
    return hopsIn(this.host(), address, "bird");
  }

  async #tell(): Promise<void> {
    while (this.#again && this.#monitor !== undefined) {
      this.#again = false;
      for (const address of this.#addresses) {
        try {
          await this.listener.changed(address, await this.#hops(address));
          this.#failures.delete(address);
        } catch (error) {
          // Unless the host is going.
          if (this.#monitor !== undefined) this.#failures.set(address, error);
        }
      }
    }
  }
}

/** The next hops that the kernel of a host uses to an address, or those that one program has installed. */
export async function hopsIn(host: Host, address: string, program?: string): Promise<readonly Hop[]> {
  const family: Family = familyOf(address) ?? "ipv4";
  const by = program === undefined ? [] : ["proto", program];
  const argv = ["ip", "-n", host.namespace, "-j", family === "ipv4" ? "-4" : "-6", "route", "show", address, ...by];
  const { stdout, status } = await command(argv, { mayFail: true });
  if (status !== 0 || stdout.trim() === "") return [];
  const routes = (JSON.parse(stdout) as readonly JsonRoute[]).filter(({ dst }) => dst === address);
  const least = Math.min(...routes.map(({ metric = 0 }) => metric));
  return routes
    .filter(({ metric = 0 }) => metric === least)
    .flatMap((route) => route.nexthops ?? [route])
    .flatMap(({ gateway, via, dev }) => {
      const through = gateway ?? via?.host;
      return through === undefined || dev === undefined ? [] : [{ gateway: through, device: dev }];
    });
}
