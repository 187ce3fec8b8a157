import type { Lab } from "../../../lib/testing/index.js";
import { ADDRESS, sleep } from "./stack.js";

/** Writes down who holds the virtual addresses, one text for each state that is seen, until what it gives is called. */
export function watchHolders(lab: Lab): () => Promise<string[]> {
  const seen: string[] = [];
  let watching = true;
  const done = (async () => {
    while (watching) {
      const holders = await Promise.all(Object.values(ADDRESS).map((address) => lab.holders(address)));
      const state = holders.map((names) => names.join("+")).join(" ");
      if (seen.at(-1) !== state) seen.push(state);
      await sleep(50);
    }
    return seen;
  })();
  return () => {
    watching = false;
    return done;
  };
}

/** The state in which one node holds everything. */
export function all(name: string): string {
  return Object.keys(ADDRESS)
    .map(() => name)
    .join(" ");
}

/** Brings back whatever a test has killed, and waits until keepalived believes it. */
export async function recover(lab: Lab): Promise<void> {
  for (const { name } of lab.nodes) {
    const node = lab.node(name);
    if (!node.powered) await node.start();
    for (const service of ["haproxy", "dnsdist", "watch", "keepalived"]) {
      if (!node.process(service).running) node.process(service).start();
    }
  }
  await lab.waitUntilReady();
  await sleep(3_000);
}
