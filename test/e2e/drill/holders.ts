import { setTimeout as sleep } from "node:timers/promises";
import { PAIR, type PairName, type Site } from "./site.js";

/** Writes down which node leads, until what it gives is called; states on the way are left out. */
export function watchLeader(site: Site): () => Promise<readonly PairName[]> {
  const leaders: PairName[] = [];
  let watching = true;
  const done = (async () => {
    while (watching) {
      const holders = await site.holders();
      const leader = PAIR.find((name) => holders.every((each) => each === name));
      if (leader !== undefined && leaders.at(-1) !== leader) leaders.push(leader);
      await sleep(500);
    }
    return leaders;
  })();
  return () => {
    watching = false;
    return done;
  };
}

/** Lets a node of the pair lead, as an operator does. */
export async function makeLeader(site: Site, wanted: PairName): Promise<void> {
  const leader = await site.leader();
  if (leader === wanted) return;
  const { code, stderr } = await site.node(leader).agent("drain");
  if (code !== 0) throw new Error(`cannot drain ${leader}: ${stderr}`);
  await sleep(1_000);
  await site.node(leader).agent("undrain");
  await sleep(1_000);
}
