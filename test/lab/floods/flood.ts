import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../../../lib/testing/index.js";
import { command } from "../../../lib/testing/lab/command.js";
import { namespaceName } from "../../../lib/testing/lab/names.js";
import { processesIn } from "../../../lib/testing/lab/namespace.js";

const PROGRAM = join(__dirname, "flood.py");

/** What a flood opens; `flood.py` says what the kinds do. */
export interface FloodPlan {
  readonly kind: "silent" | "dribble" | "asked" | "tls";
  readonly server: string;
  readonly port: number;
  readonly count: number;
  readonly seconds: number;
  readonly sources?: readonly string[];
}

/** A flood from one host of the lab. */
export class Flood {
  #said = "";

  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    /** Ends with the flood. */
    readonly done: Promise<unknown>,
  ) {
    child.stdout?.on("data", (data) => {
      this.#said += data;
    });
    child.stderr?.on("data", (data) => {
      this.#said += data;
    });
  }

  /** Starts a flood from the host of a client, which must have sent something before. */
  static start(lab: Lab, client: string, { kind, server, port, count, seconds, sources = [] }: FloodPlan): Flood {
    const words = [kind, server, String(port), String(count), String(seconds), ...sources];
    const child = spawn("ip", ["netns", "exec", hostOf(lab, client), "python3", PROGRAM, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Flood(child, once(child, "close"));
  }

  /** What it printed. */
  get said(): string {
    return this.#said;
  }

  /** The most connections that were open at once, at a full second. */
  get most(): number {
    return Math.max(0, ...[...this.#said.matchAll(/^\d+$/gm)].map(([count]) => Number(count)));
  }

  /** All connections that it opened. */
  get opened(): number {
    return Number(/^opened (\d+)$/m.exec(this.#said)?.[1] ?? 0);
  }

  /** Ends the program; the kernel closes its connections. */
  stop(): void {
    this.child.kill("SIGKILL");
  }
}

/** The network namespace of a client's host. */
export function hostOf(lab: Lab, client: string): string {
  return namespaceName(lab.name, `client-${client.replaceAll(":", "-")}`);
}

/** Gives a client's host further addresses. */
export async function addAddresses(lab: Lab, client: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await command(["ip", "-n", hostOf(lab, client), "address", "add", `${address}/32`, "dev", "eth0"]);
  }
}

/** Pulls the plug of a client's host, so that nobody hears of the end of its connections, and puts it back. */
export function unplug(lab: Lab, client: string, direction: "down" | "up"): Promise<unknown> {
  return command(["ip", "-n", hostOf(lab, client), "link", "set", "eth0", direction]);
}

/** What a node spends: the most descriptors of a process of a daemon, and the lines of all logs. */
export function spent(lab: Lab, node: string): { readonly descriptors: number; readonly lines: number } {
  const counts = processesIn([namespaceName(lab.name, node)]).map((pid) => {
    try {
      return /haproxy|dnsdist/.test(readFileSync(`/proc/${pid}/comm`, "utf8"))
        ? readdirSync(`/proc/${pid}/fd`).length
        : 0;
    } catch {
      return 0;
    }
  });
  const lines = ["haproxy", "dnsdist", "watch"].map((service) => lab.node(node).logs(service).split("\n").length);
  return { descriptors: Math.max(0, ...counts), lines: lines.reduce((sum, count) => sum + count, 0) };
}
