import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../../lib/testing/index.js";
import { ADDRESS } from "../lab/production/stack.js";
import type { Pair } from "./pair.js";
import type { Roles, Step } from "./step.js";
import { endTraffic, type FlowReport, startTraffic } from "./traffic.js";

/** What a step did, and what was seen of it under load. */
export interface Account {
  readonly step: string;
  readonly seconds: number;
  /** How often the virtual addresses had to move, and did. */
  readonly moves: { readonly planned: number; readonly seen: number };
  /** Daemons that a change started anew. */
  readonly restarted: readonly string[];
  readonly flows: readonly FlowReport[];
}

/** Milliseconds under load before and after a step. */
const AROUND = 500;
const POLL = 200;

/** Takes a step under load. */
export async function underLoad(pair: Pair, { name, run }: Step, roles: Roles): Promise<Account> {
  const watched = watchLeader(pair.lab);
  const flows = await startTraffic(pair.lab);
  try {
    await sleep(AROUND);
    const started = performance.now();
    const { moves, said = "" } = await run(pair, roles);
    const seconds = Number(((performance.now() - started) / 1_000).toFixed(3));
    await sleep(AROUND);
    return {
      ...{ step: name, seconds, flows: await endTraffic(flows) },
      moves: { planned: moves, seen: (await watched()).length - 1 },
      restarted: [...said.matchAll(/^(\S+) restarted$/gm)].map(([, daemon = ""]) => daemon),
    };
  } catch (error) {
    await Promise.all([endTraffic(flows), watched()]);
    throw error;
  }
}

/** Writes down which node leads, until what it gives is called. Addresses of all families and networks move together. */
function watchLeader(lab: Lab): () => Promise<readonly string[]> {
  const leaders: string[] = [];
  let watching = true;
  const done = (async () => {
    while (watching) {
      const [leader, ...others] = await lab.holders(ADDRESS.internal);
      if (leader !== undefined && others.length === 0 && leaders.at(-1) !== leader) leaders.push(leader);
      await sleep(POLL);
    }
    return leaders;
  })();
  return () => {
    watching = false;
    return done;
  };
}
