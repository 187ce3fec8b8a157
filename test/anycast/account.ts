import { setTimeout as sleep } from "node:timers/promises";
import { NODES } from "./model.js";
import type { Site } from "./site.js";
import { endTraffic, type FlowReport, startTraffic } from "./traffic.js";

/** What was done, and what was seen of it under load. */
export interface Account {
  readonly event: string;
  readonly part: "failure" | "return";
  /** What it was done to. */
  readonly victim: string;
  readonly seconds: number;
  /** Milliseconds from the event to the last query that was lost, by those over UDP or with a connection of their own. */
  readonly outage: number;
  /** The part of all queries over UDP that the victim had before it failed; 0 where it returns. */
  readonly share: number;
  /** Lost over UDP beyond what would have gone to the victim meanwhile. */
  readonly beyondShare: number;
  /** How often what each node announces has changed. */
  readonly moves: Readonly<Record<string, number>>;
  /** How often a node began to announce nothing. */
  readonly withdrawals: number;
  readonly flows: readonly FlowReport[];
}

/** Milliseconds under load before an event. */
const BEFORE = 1_200;
/** How many more of the queries over UDP the victim may have had than before: flows are few. */
const MARGIN = 1.25;
const POLL = 100;

/** Takes a part of an event under load, and goes on for some milliseconds. */
export async function underLoad(
  site: Site,
  about: Pick<Account, "event" | "part" | "victim">,
  act: () => Promise<void>,
  lasts: number,
): Promise<Account> {
  const flows = await startTraffic(site.lab);
  const watched = watchAnnouncements(site);
  try {
    const share = await shareBefore(site, about);
    const started = performance.now();
    const at = Date.now();
    await act();
    await sleep(lasts);
    const seconds = Number(((performance.now() - started) / 1_000).toFixed(3));
    const reports = await endTraffic(flows);
    return { ...about, seconds, ...outageOf(reports, at, share), ...(await watched()), share, flows: reports };
  } catch (error) {
    await Promise.all([endTraffic(flows), watched()]);
    throw error;
  }
}

/** Tells queries that a client asks anew from those on connections that it keeps. */
export function isNew({ way }: FlowReport): boolean {
  return !way.startsWith("kept");
}

function outageOf(flows: readonly FlowReport[], at: number, share: number) {
  const lostAt = flows.filter(isNew).flatMap((flow) => flow.lostAt);
  const outage = Math.max(0, ...lostAt.map((lost) => lost - at));
  const udp = flows.filter(({ way }) => way === "udp");
  const lost = udp.reduce((sum, flow) => sum + flow.lost, 0);
  const sent = (udp.reduce((sum, { rate }) => sum + rate, 0) * outage) / 1_000;
  return { outage: Math.round(outage), beyondShare: Math.max(0, lost - Math.ceil(sent * share * MARGIN) - 1) };
}

/** Lets the load run before the event. One that is to return is not asked: a dnsdist that hangs would let all wait. */
async function shareBefore(site: Site, { part, victim }: Pick<Account, "part" | "victim">): Promise<number> {
  const before = part === "failure" ? await site.queries() : {};
  await sleep(BEFORE);
  return part === "failure" ? shareOf(victim, before, await site.queries()) : 0;
}

function shareOf(victim: string, before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) {
  const count = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  const all = NODES.reduce((sum, name) => sum + count(name), 0);
  return all === 0 ? 1 : Number((count(victim) / all).toFixed(3));
}

/** Counts what each node announces anew, until what it gives is called. */
function watchAnnouncements(site: Site): () => Promise<Pick<Account, "moves" | "withdrawals">> {
  const moves: Record<string, number> = Object.fromEntries(NODES.map((name) => [name, 0]));
  let withdrawals = 0;
  let last: Readonly<Record<string, string>> = {};
  let watching = true;
  const done = (async () => {
    while (watching) {
      const now = await site.announced();
      for (const name of NODES) {
        if (last[name] === undefined || last[name] === now[name]) continue;
        moves[name] = (moves[name] ?? 0) + 1;
        if (now[name] === "nothing") withdrawals += 1;
      }
      last = now;
      await sleep(POLL);
    }
    return { moves, withdrawals };
  })();
  return () => {
    watching = false;
    return done;
  };
}
