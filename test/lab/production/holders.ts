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

/** The checks that fail on a node; "unknown" while keepalived does not tell. */
export async function failedChecks(lab: Lab, node: string): Promise<readonly string[]> {
  const { status, stdout } = await lab.node(node).agent("status", "--json");
  const known = status === 0 ? JSON.parse(stdout) : { vrrp: null };
  return known.vrrp === null ? ["unknown"] : known.failedChecks;
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
  const well = async () => {
    const failed = await Promise.all(lab.nodes.map(({ name }) => failedChecks(lab, name)));
    return failed.every((names) => names.length === 0);
  };
  await lab.waitFor(well, { timeout: "20s", what: "all checks pass on both nodes" });
}
