import { setTimeout as sleep } from "node:timers/promises";
import { type LabOptions, ModelLab } from "../../lib/testing/index.js";
import { type Bound, none } from "../../scripts/figures/bounds.js";
import { isNew } from "./account.js";
import { ADDRESS, group, NODES, pairBefore, ROUTERS } from "./model.js";
import { OPTIONS } from "./site.js";
import { endTraffic, type FlowReport, startTraffic } from "./traffic.js";

/** What moving from a pair to a group cost. */
export interface Moved {
  readonly seconds: number;
  readonly flows: readonly FlowReport[];
  /** Nodes of the group that do not serve at the end. */
  readonly missing: readonly string[];
}

/** Milliseconds under load before, between and after. */
const MOMENT = 1_500;

/**
 * New nodes become a group that announces the addresses of a pair, which routers prefer to the network that these are in;
 * then the pair is drained, and ends.
 */
export async function fromAPair(name: string, options: Pick<LabOptions, "root">): Promise<Moved> {
  const before = pairBefore();
  const lab = await ModelLab.start([before], { ...OPTIONS, ...options, name });
  try {
    const flows = await startTraffic(lab);
    const started = performance.now();
    await sleep(MOMENT);
    await lab.apply([before, group()]);
    await lab.waitUntilReady();
    await sleep(MOMENT);
    for (const { name: node } of before.nodes) {
      await lab.node(node).kill();
      await sleep(MOMENT);
    }
    const used = await Promise.all(ROUTERS.map((router) => lab.router(router).nodes(ADDRESS.ipv4)));
    const seconds = Number(((performance.now() - started) / 1_000).toFixed(3));
    const missing = NODES.filter((node) => used.some((nodes) => !nodes.includes(node)));
    return { seconds, missing, flows: await endTraffic(flows) };
  } finally {
    await lab.stop();
  }
}

/** What is promised of it. */
export function boundsOfMove(moved: readonly Moved[]): readonly Bound[] {
  const worst = (value: (each: Moved) => number) => (moved.length === 0 ? undefined : Math.max(...moved.map(value)));
  return [
    none(
      "from a pair to a group: new queries lost",
      worst(({ flows }) => flows.filter(isNew).reduce((sum, { lost, wrong }) => sum + lost + wrong, 0)),
    ),
    none(
      "from a pair to a group: nodes that do not serve",
      worst(({ missing }) => missing.length),
    ),
  ];
}
