import { join } from "node:path";
import { command } from "../../../lib/testing/lab/command.js";
import type { Lab } from "../../../lib/testing/lab/index.js";
import { hostOf } from "../floods/flood.js";

const PROGRAM = join(__dirname, "ask-as.py");

/** The server that answered each client, by the client's address. */
export type Answers = Readonly<Record<string, string | null>>;

/** Many clients on one host of a lab. */
export class Clients {
  private constructor(
    private readonly lab: Lab,
    private readonly host: string,
    private readonly addresses: readonly string[],
  ) {}

  /** Gives the host of a client further addresses, all in one go. */
  static async on(lab: Lab, host: string, addresses: readonly string[]): Promise<Clients> {
    // The first question makes the host.
    await lab.client(host).query("whoami.dns-lb.test", "TXT", { server: host, timeout: "100ms" });
    const lines = addresses.map((address) =>
      address.includes(":") ? `address add ${address}/128 dev eth0 nodad\n` : `address add ${address}/32 dev eth0\n`,
    );
    await command(["ip", "-n", hostOf(lab, host), "-batch", "-"], { input: lines.join("") });
    return new Clients(lab, host, addresses);
  }

  /** Asks as every client of the server's family. */
  async ask(transport: "udp" | "tcp", server: string): Promise<Answers> {
    const family = this.addresses.filter((address) => address.includes(":") === server.includes(":"));
    const words = ["ip", "netns", "exec", hostOf(this.lab, this.host), "python3", PROGRAM, transport, server];
    const { stdout } = await command(words, { input: family.join("\n") });
    return JSON.parse(stdout);
  }
}

/** How many clients each server answered. */
export function shares(answers: Answers): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const server of Object.values(answers)) counts[server ?? "none"] = (counts[server ?? "none"] ?? 0) + 1;
  return counts;
}

/** The clients that another server answered later. */
export function moved(before: Answers, after: Answers): string[] {
  return Object.keys(before).filter((client) => before[client] !== after[client]);
}
