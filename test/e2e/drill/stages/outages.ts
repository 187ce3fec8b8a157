import { setTimeout as sleep } from "node:timers/promises";
import { type Bound, none, within } from "../../../../scripts/figures/bounds.js";
import { table } from "../../../../scripts/figures/table.js";
import { FAULTS, type Fault } from "../faults.js";
import { endTraffic, type FlowReport, type Rates } from "../flows.js";
import { makeLeader, watchLeader } from "../holders.js";
import type { Outcome } from "../outcome.js";
import { PAIR, type PairName, type Site } from "../site.js";
import { startTraffic } from "../traffic.js";

const RATES: Rates = { udp: 40, tcp: 20, "persistent-tcp": 5, dot: 10, "persistent-dot": 5 };
/** Milliseconds that the client itself may be late before what it measured says nothing. */
const SPOILED = 250;

interface Run {
  readonly leader: PairName;
  /** Milliseconds without service over new connections and UDP, and over connections that stay. */
  readonly gap: number;
  readonly persistentGap: number;
  /** The flow that was without service for longest. */
  readonly where: string;
  readonly wrong: number;
  /** Absent where nobody counted. */
  readonly moves?: number;
  readonly worstDelay: number;
}

interface Outage {
  readonly fault: string;
  readonly limit: number;
  readonly extraMoves?: number;
  readonly runs: readonly Run[];
}

/** Breaks the leading node in every way, on either node in turn, and measures how long the service is away. */
export async function outages(site: Site, times: number, margin: number): Promise<Outcome> {
  const done: Outage[] = [];
  for (const fault of FAULTS) {
    const runs: Run[] = [];
    for (let count = 0; count < times; count += 1) runs.push(await run(site, fault, PAIR[count % 2] ?? "lb1"));
    const { name, extraMoves } = fault;
    done.push({ fault: name, limit: fault.limit * margin, ...(extraMoves === undefined ? {} : { extraMoves }), runs });
    site.tell(`${name}: worst of ${runs.length} ${worst(runs)} ms`);
  }
  return {
    figures: done,
    text: table(
      ["fault", "limit ms", "worst ms", "on lb1", "on lb2", "persistent", "moves"],
      done.map(({ fault, limit, runs }) => [
        ...[fault, limit, worst(runs), gaps(runs, "lb1"), gaps(runs, "lb2")],
        ...[Math.max(...runs.map(({ persistentGap }) => persistentGap)), mostMoves(runs)],
      ]),
    ),
    bounds: done.flatMap(boundsOf),
  };
}

async function run(site: Site, fault: Fault, leader: PairName): Promise<Run> {
  await site.settle();
  await makeLeader(site, leader);
  await sleep(1_500);
  // Looking takes processors, which measuring needs.
  const watched = fault.extraMoves === undefined ? undefined : watchLeader(site);
  const flows = await startTraffic(site, RATES);
  await sleep(1_000);
  await fault.begin(site, leader);
  await sleep(fault.seconds * 1_000);
  await fault.end(site, leader);
  // Late enough to see what the return of the node costs.
  await sleep(fault.extraMoves === undefined ? 2_500 : 4_000);
  const reports = await endTraffic(flows);
  const leaders = await watched?.();
  const judged = reports.filter(({ way }) => fault.ways.includes(way));
  const others = reports.filter(({ way }) => !fault.ways.includes(way));
  return {
    ...{ leader, gap: gapOf(judged), persistentGap: gapOf(others), where: worstOf(judged) },
    ...(leaders === undefined ? {} : { moves: Math.max(0, leaders.length - 1) }),
    wrong: reports.reduce((sum, { wrong }) => sum + wrong, 0),
    worstDelay: Math.max(...reports.map(({ worstDelay }) => worstDelay)),
  };
}

function boundsOf({ fault, limit, extraMoves, runs }: Outage): readonly Bound[] {
  return [
    within(`${fault}: worst of ${runs.length} without service`, { atMost: limit }, worst(runs)),
    none(
      `${fault}: answers from a wrong pool`,
      runs.reduce((sum, { wrong }) => sum + wrong, 0),
    ),
    none(`${fault}: runs that the client spoiled`, runs.filter(({ worstDelay }) => worstDelay > SPOILED).length),
    ...(extraMoves === undefined
      ? []
      : [
          none(
            `${fault}: runs with more moves`,
            runs.filter(({ moves = Number.NaN }) => !(moves <= 1 + extraMoves)).length,
          ),
        ]),
  ];
}

function mostMoves(runs: readonly Run[]): number | undefined {
  const counted = runs.flatMap(({ moves }) => (moves === undefined ? [] : [moves]));
  return counted.length === 0 ? undefined : Math.max(...counted);
}

function gapOf(reports: readonly FlowReport[]): number {
  return Math.max(0, ...reports.map(({ longestGap }) => longestGap));
}

function worstOf(reports: readonly FlowReport[]): string {
  const gap = gapOf(reports);
  const [flow] = reports.filter(({ longestGap }) => longestGap === gap);
  return flow === undefined || gap === 0 ? "" : `${flow.name} ${flow.way}`;
}

function worst(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ gap }) => gap));
}

function gaps(runs: readonly Run[], name: PairName): string {
  return runs.flatMap(({ leader, gap }) => (leader === name ? [gap] : [])).join(", ");
}
