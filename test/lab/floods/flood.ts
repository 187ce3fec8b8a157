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

/** The HTTP status of a node's statistics page for a client with the password; 0 without an answer. */
export async function statisticsStatus(lab: Lab, client: string, node: string, password: string): Promise<number> {
  const request = ["curl", "--silent", "--max-time", "2", "--output", "/dev/null", "--write-out", "%{http_code}"];
  const { stdout } = await command(
    ["ip", "netns", "exec", hostOf(lab, client), ...request, "--user", `ops:${password}`, `http://${node}:8404/stats`],
    { mayFail: true },
  );
  return Number(stdout);
}

/** Gives a client's host further addresses. */
export async function addAddresses(lab: Lab, client: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const words = address.includes(":") ? [`${address}/128`, "nodad"] : [`${address}/32`];
    await command(["ip", "-n", hostOf(lab, client), "address", "add", ...words, "dev", "eth0"]);
  }
}

/** Pulls the plug of a client's host, so that nobody hears of the end of its connections, and puts it back. */
export function unplug(lab: Lab, client: string, direction: "down" | "up"): Promise<unknown> {
  return command(["ip", "-n", hostOf(lab, client), "link", "set", "eth0", direction]);
}

/** What a node spends: of each daemon, the descriptors and MB of its largest process; and the lines of all logs. */
export interface Spent {
  readonly descriptors: Readonly<Record<Proxy, number>>;
  readonly memory: Readonly<Record<Proxy, number>>;
  readonly lines: number;
}

const PROXIES = ["haproxy", "dnsdist"] as const;
type Proxy = (typeof PROXIES)[number];

/** What a node of the lab spends now. */
export function spentBy(lab: Lab, node: string): Spent {
  const processes = processesIn([namespaceName(lab.name, node)]).flatMap((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const [, name = ""] = /^Name:\s+(\S+)/m.exec(status) ?? [];
      const [, size = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
      return [{ name, descriptors: readdirSync(`/proc/${pid}/fd`).length, memory: Math.round(Number(size) / 1_024) }];
    } catch {
      return [];
    }
  });
  const most = (of: "descriptors" | "memory") =>
    Object.fromEntries(
      PROXIES.map((proxy) => [
        proxy,
        Math.max(0, ...processes.filter(({ name }) => name === proxy).map((process) => process[of])),
      ]),
    ) as Record<Proxy, number>;
  const lines = ["haproxy", "dnsdist", "watch"].map((service) => lab.node(node).logs(service).split("\n").length);
  return {
    descriptors: most("descriptors"),
    memory: most("memory"),
    lines: lines.reduce((sum, count) => sum + count, 0),
  };
}

/** The most that a node of the lab spends while something lasts, looked at twice a second. */
export async function mostSpent(lab: Lab, node: string, lasting: Promise<unknown>): Promise<Spent> {
  let lasts = true;
  const end = () => {
    lasts = false;
  };
  lasting.then(end, end);
  let most = spentBy(lab, node);
  while (lasts) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = spentBy(lab, node);
    most = {
      descriptors: larger(most.descriptors, now.descriptors),
      memory: larger(most.memory, now.memory),
      lines: Math.max(most.lines, now.lines),
    };
  }
  return most;
}

function larger(one: Readonly<Record<Proxy, number>>, other: Readonly<Record<Proxy, number>>): Record<Proxy, number> {
  return { haproxy: Math.max(one.haproxy, other.haproxy), dnsdist: Math.max(one.dnsdist, other.dnsdist) };
}
