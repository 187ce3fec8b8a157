import { join } from "node:path";
import { command } from "../../../lib/testing/lab/command.js";
import type { Lab } from "../../../lib/testing/lab/index.js";
import { hostOf } from "../floods/flood.js";

/** A client's address, and whom it asks. */
export interface Way {
  readonly source: string;
  readonly server: string;
  readonly transport: "udp" | "tcp" | "dot";
}

/** Clients of many networks on one host of a lab; `client.py` says what they do. */
export class LimitedClients {
  private constructor(
    private readonly lab: Lab,
    private readonly host: string,
  ) {}

  /** Gives the host of a client further addresses. */
  static async on(lab: Lab, host: string, addresses: readonly string[]): Promise<LimitedClients> {
    // The first question makes the host.
    await lab.client(host).query("whoami.dns-lb.test", "TXT", { server: host, timeout: "100ms" });
    const lines = addresses.map((address) =>
      address.includes(":") ? `address add ${address}/128 dev eth0 nodad\n` : `address add ${address}/32 dev eth0\n`,
    );
    await command(["ip", "-n", hostOf(lab, host), "-batch", "-"], { input: lines.join("") });
    return new LimitedClients(lab, host);
  }

  /** How many of so many connections, one after the other, were answered. */
  connections(way: Way, count: number): Promise<number> {
    return this.#do<number>({ kind: "connections", count, ...way });
  }

  /** What became of so many queries that were sent at once. */
  queries(way: Way, count: number): Promise<Readonly<Record<string, number>>> {
    return this.#do<Record<string, number>>({ kind: "queries", count, ...way });
  }

  /** What came over one connection that asked for large answers for some seconds. */
  stream(way: Way, seconds: number): Promise<{ readonly bytes: number; readonly cut: boolean }> {
    return this.#do<{ bytes: number; cut: boolean }>({ kind: "stream", count: 0, seconds, ...way });
  }

  async #do<T>(job: object): Promise<T> {
    const words = ["ip", "netns", "exec", hostOf(this.lab, this.host), "python3", join(__dirname, "client.py")];
    const { stdout } = await command(words, { input: JSON.stringify([job]) });
    const [result] = JSON.parse(stdout) as [T];
    return result;
  }
}
