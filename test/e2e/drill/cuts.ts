import type { Place } from "./bridge-host.js";

/** Keeps packets between addresses of bridges from arriving, without a word to either side. */
export class Cuts {
  constructor(private readonly place: Place) {}

  /** Loses everything between each of some addresses and each of others, both ways. */
  async between(some: readonly string[], others: readonly string[]): Promise<void> {
    const rules = some.flatMap((one) =>
      others
        .filter((other) => one.includes(":") === other.includes(":"))
        .flatMap((other) => [rule(one, other), rule(other, one)]),
    );
    const script = ["table bridge drill", "delete table bridge drill", "table bridge drill {", "  chain forward {"];
    await this.#load([...script, "    type filter hook forward priority 0;", ...rules, "  }", "}"]);
  }

  async heal(): Promise<void> {
    await this.#load(["table bridge drill", "delete table bridge drill"]);
  }

  async #load(lines: readonly string[]): Promise<void> {
    const { code, stderr } = await this.place.run([
      "sh",
      "-c",
      `printf '%s\\n' "$1" | nft -f -`,
      "sh",
      lines.join("\n"),
    ]);
    if (code !== 0) throw new Error(`nft: ${stderr}`);
  }
}

function rule(from: string, to: string): string {
  const family = from.includes(":") ? "ip6" : "ip";
  return `    ${family} saddr ${from} ${family} daddr ${to} drop`;
}
