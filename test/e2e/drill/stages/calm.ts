import { setTimeout as sleep } from "node:timers/promises";
import { type Bound, none } from "../../../../scripts/figures/bounds.js";
import { endTraffic, type FlowReport, type Rates } from "../flows.js";
import { makeLeader, watchLeader } from "../holders.js";
import { type Outcome, showFlows } from "../outcome.js";
import type { Site } from "../site.js";
import { startTraffic } from "../traffic.js";

const RATES: Rates = { udp: 45, tcp: 15, "persistent-tcp": 5, dot: 5, "persistent-dot": 5 };
/** Queries that a planned move is measured with, and how many of them it may cost. */
const QUERIES = 4_000;
const COST = 2;
const DEAD_SECONDS = 15;

/** What must cost next to nothing: a node that is drained, and servers that are dead for both nodes. */
export async function calm(site: Site): Promise<Outcome> {
  const drained = await drain(site);
  const dead = await allDead(site);
  return {
    figures: { drained, dead },
    text: showFlows([["drained", drained.flows]]),
    bounds: [
      ...cost("planned drain", drained.flows),
      none("planned drain: moves beyond one", Math.abs(drained.moves - 1)),
      none("all backends dead on both nodes: moves", dead.moves),
    ],
  };
}

/** A planned move may cost 2 queries of 4,000. */
export function cost(what: string, flows: readonly FlowReport[]): readonly Bound[] {
  const sent = flows.reduce((sum, flow) => sum + flow.sent, 0);
  const lost = flows.reduce((sum, flow) => sum + flow.lost, 0);
  const allowed = Math.max(COST, Math.floor((sent / QUERIES) * COST));
  const seen = sent < QUERIES ? undefined : lost;
  return [
    {
      ...{ name: `${what}: queries lost of ${sent}`, unit: "", limit: { atMost: allowed } },
      ...(seen === undefined ? { kept: false } : { seen, kept: seen <= allowed }),
    },
    none(
      `${what}: answers from a wrong pool`,
      flows.reduce((sum, { wrong }) => sum + wrong, 0),
    ),
  ];
}

async function drain(site: Site) {
  await site.settle();
  await makeLeader(site, "lb2");
  await sleep(1_500);
  const watched = watchLeader(site);
  const flows = await startTraffic(site, RATES, { retry: true });
  await sleep(5_000);
  const { code, stderr } = await site.node("lb2").agent("drain");
  if (code !== 0) throw new Error(`drain: ${stderr}`);
  await sleep(3_000);
  await site.node("lb2").agent("undrain");
  await sleep(8_000);
  const reports = await endTraffic(flows);
  return { flows: reports, moves: (await watched()).length - 1 };
}

async function allDead(site: Site) {
  await site.settle();
  const watched = watchLeader(site);
  await Promise.all(site.servers.map((server) => server.hold(server.name.startsWith("auth") ? "nsd" : "unbound")));
  await sleep(DEAD_SECONDS * 1_000);
  await Promise.all(site.servers.map((server) => server.release(server.name.startsWith("auth") ? "nsd" : "unbound")));
  await site.settle();
  return { moves: (await watched()).length - 1 };
}
