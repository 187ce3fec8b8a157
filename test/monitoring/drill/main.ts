/**
 * Makes the faults that the alerts of the mixin are there for, beside a real Prometheus: `main.ts [--json FILE] [--short]
 * [--only ALERT,...]`; `planned` among the alerts is what must fire none. Its status is 0 only if every alert was seen in time, none fired for what is planned, and every query of a dashboard has data.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";
import { labDirectory } from "../../../lib/testing/lab/names.js";
import { atMost, type Bound, none, showBounds, showVerdict, verdictOf } from "../../../scripts/figures/bounds.js";
import { Progress } from "../../../scripts/progress.js";
import {
  ADDRESS,
  askOverTls,
  CLIENT,
  PASSWORD,
  quickModel,
  sleep,
  startProduction,
} from "../../lab/production/stack.js";
import { DASHBOARD, queriesOf } from "../dashboard.js";
import { ALERTS, DASHBOARDS } from "../mixin.js";
import { DEFAULT_TIMES, promiseOf } from "../promises.js";
import { FAULTS, type Fault, PLANNED } from "./faults.js";
import { Prometheus } from "./prometheus.js";
import { type Sight, showSights } from "./record.js";
import { shorter, TIMES } from "./settings.js";

const NAME = "monitoring";
const POLL = 250;
/** Milliseconds for which an alert that is late is waited for beyond its promise, to tell how late. */
const GRACE = 30_000;
/** Milliseconds in which the alerts of a fault that has ended must end. */
const QUIET = 120_000;

/** The word for what is planned, among those of `--only`. */
const THROUGH_PLANS = "planned";

const say = (text: string) => process.stdout.write(text);

async function main(): Promise<void> {
  const {
    json,
    short = false,
    only,
  } = parseArgs({
    options: { json: { type: "string" }, short: { type: "boolean" }, only: { type: "string" } },
  }).values;
  const chosen = only?.split(",");
  const faults = FAULTS.filter((each) => chosen?.includes(each.alert) ?? (!short || each.short === true));
  const planned = (chosen?.includes(THROUGH_PLANS) ?? !short) ? PLANNED : [];
  const progress = new Progress(3 + planned.length + faults.length);
  const model = quickModel();
  const sights: Sight[] = [];
  const errors: string[] = [];
  let falseAlarms: number | undefined;
  let empty: readonly string[] | undefined;
  let lab: Lab | undefined;
  let prometheus: Prometheus | undefined;

  try {
    const running = await progress.step("starting examples/production", () => startProduction(NAME, model));
    lab = running;
    const watching = await progress.step("starting Prometheus and Alertmanager", () =>
      Prometheus.start(running, model, PASSWORD, join(labDirectory(NAME), "prometheus")),
    );
    prometheus = watching;
    empty = await progress.step("asking what every dashboard asks", () => emptyQueries(running, watching));
    for (const query of empty) say(`no data: ${query}\n`);
    for (const { what, work } of planned) {
      const fired = await progress.step(what, () => firedDuring(watching, () => work(running, model)));
      if (fired.length > 0) say(`fired: ${fired.join(", ")}\n`);
      falseAlarms = (falseAlarms ?? 0) + fired.length;
    }
    for (const fault of faults) {
      const sight = await progress.step(`${fault.alert}: ${fault.fault}`, () => see(running, model, watching, fault));
      sights.push(sight);
    }
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
    say(
      `${error instanceof Error ? error.stack : error}\n${prometheus?.logs().split("\n").slice(-10).join("\n") ?? ""}\n`,
    );
  } finally {
    await prometheus?.stop();
    await lab?.stop();
  }

  const bounds = [
    ...sights.map(({ alert, promised, seen }) => atMost(`${alert}: seconds`, promised, seen)),
    none("alerts that did not reach Alertmanager", sights.filter(({ delivered }) => !delivered).length),
    none("queries of dashboards without data", empty?.length),
    ...(planned.length === 0 ? [] : [none("alerts through what is planned", falseAlarms)]),
  ];
  report(sights, bounds, errors, progress, json);
}

function report(
  sights: readonly Sight[],
  bounds: readonly Bound[],
  errors: readonly string[],
  { seconds, times: steps }: Progress,
  json: string | undefined,
): void {
  const verdict = verdictOf(bounds, errors);
  say(`\n${showSights(sights)}\n\n${showBounds(bounds)}\n\n${showVerdict(verdict, bounds, seconds)}\n`);
  if (json !== undefined) {
    const unseen = ALERTS.map(({ alert }) => alert).filter((name) => !sights.some(({ alert }) => alert === name));
    const figures = { schema: 1, verdict, seconds, times: TIMES, steps, bounds, sights, unseen, errors };
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  process.exitCode = verdict.passed ? 0 : 1;
}

/** Makes a fault, waits for its alert, and for the end of all alerts after it. */
async function see(lab: Lab, model: LoadBalancer, prometheus: Prometheus, fault: Fault): Promise<Sight> {
  const rule = ALERTS.find(({ alert }) => alert === fault.alert);
  if (rule === undefined) throw new RangeError(`the mixin has no alert ${fault.alert}`);
  const promised = promiseOf({ for: shorter(rule.for) }, TIMES) + fault.shows;
  const begun = performance.now();
  const end = await fault.make(lab, model);
  // Some take their time to be made: it counts from when the last part is there.
  const made = fault.alert === "DnsLbServerFlapping" ? performance.now() : begun;
  const fires = async () => (await prometheus.firing()).includes(fault.alert);
  const isSeen = await until(fires, made + 1_000 * promised + GRACE);
  const seen = isSeen ? Number(((performance.now() - made) / 1_000).toFixed(1)) : undefined;
  const reaches = async () => (await prometheus.delivered()).includes(fault.alert);
  const delivered = isSeen && (await until(reaches, performance.now() + 5_000));
  await end();
  const isQuiet = async () => (await prometheus.alerts()).every(({ labels }) => labels["alertname"] === LASTING);
  if (!(await until(isQuiet, performance.now() + QUIET))) {
    throw new Error(`after ${fault.alert} these did not end: ${(await prometheus.firing()).join(", ")}`);
  }
  await lab.waitUntilReady();
  return {
    ...{ alert: fault.alert, fault: fault.fault, promised, byDefault: promiseOf(rule, DEFAULT_TIMES), delivered },
    ...(seen === undefined ? {} : { seen }),
  };
}

/** What lasts as long as its window, a quarter of an hour: it goes on while the next faults are made. */
const LASTING = "DnsLbServerFlapping";

/** The alerts that fire while something is done, and for a while after it. */
async function firedDuring(prometheus: Prometheus, work: () => Promise<void>): Promise<readonly string[]> {
  const fired = new Set<string>();
  let isDone = false;
  const look = async () => {
    while (!isDone) {
      for (const name of await prometheus.firing()) fired.add(name);
      await sleep(POLL);
    }
  };
  const looking = look();
  try {
    await work();
    await sleep(15_000);
  } finally {
    isDone = true;
    await looking;
  }
  return [...fired].sort();
}

/** The queries of dashboards that give nothing while clients ask over UDP, TCP and TLS. */
async function emptyQueries(lab: Lab, prometheus: Prometheus): Promise<readonly string[]> {
  const client = lab.client(CLIENT.inside);
  const common = { name: "www.example.com", server: ADDRESS.internal, rate: 20 } as const;
  const loads = [await client.load({ ...common }), await client.load({ ...common, transport: "tcp" })];
  await askOverTls(client, ADDRESS.internal, "www.example.com");
  const queries = [...DASHBOARDS].flatMap(([name, json]) =>
    queriesOf(DASHBOARD.parse(json)).map(({ panel, expr }) => ({ title: `${name}: ${panel}`, expr })),
  );
  let empty: string[] = [];
  await until(async () => {
    const counts = await Promise.all(queries.map(({ expr }) => prometheus.count(expr)));
    empty = queries.flatMap(({ title, expr }, index) => (counts[index] === 0 ? [`${title}: ${expr}`] : []));
    return empty.length === 0;
  }, performance.now() + 20_000);
  await Promise.all(loads.map((load) => load.stop()));
  return empty;
}

/** Polls until a condition holds; tells whether it did in time. */
async function until(condition: () => Promise<boolean>, end: number): Promise<boolean> {
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await sleep(POLL);
  }
  return true;
}

void main();
