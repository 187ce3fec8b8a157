import type { Pair } from "../pair.js";
import { must, type Roles } from "../step.js";

/** A node that led and died. */
export interface Outage {
  readonly died: string;
  /** Milliseconds until the addresses were answered again. */
  readonly gap: number;
}

/** One node is new and one as before: whichever leads dies, and the other one takes over. */
export async function outages(pair: Pair, { first, second }: Roles): Promise<readonly Outage[]> {
  const seen: Outage[] = [];
  for (const name of [second, first]) {
    await pair.makeLeader(name);
    await pair.node(name).kill();
    const gap = Math.round(await pair.lab.takeoverTime());
    const leader = await pair.leader();
    must(leader === pair.otherThan(name), `${leader} leads after the death of ${name}`);
    await pair.ask();
    await pair.node(name).start();
    await pair.lab.takeoverTime({ observe: "0s" });
    await pair.settle();
    seen.push({ died: name, gap });
  }
  return seen;
}

/** The same where the leading node loses its servers: it must ask the other one whether that still reaches them. */
export async function severances(pair: Pair, { first, second }: Roles): Promise<void> {
  const servers = pair.lab.servers.map(({ name }) => name);
  for (const name of [second, first]) {
    await pair.makeLeader(name);
    await pair.node(name).partition("both", { from: servers });
    const taken = async () => (await pair.leader().catch(() => name)) !== name;
    await pair.lab.waitFor(taken, { timeout: "40s", what: `${pair.otherThan(name)} leads, which has servers` });
    await pair.lab.takeoverTime({ observe: "0s" });
    await pair.ask();
    await pair.node(name).heal();
    await pair.lab.takeoverTime({ observe: "0s" });
    await pair.settle();
  }
}
