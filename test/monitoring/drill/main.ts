/**
 * Makes the faults that the alerts of the mixin are there for, beside a real Prometheus: `main.ts [--json FILE] [--short]
 * [--only ALERT,...]`; `planned` among the alerts is what must fire none. Its status is 0 only if every alert was seen in time,
 * none fired for what is planned, and every query of a dashboard has data.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Lab } from "../../../lib/testing/index.js";
import { atMost, type Bound, none, showBounds, showVerdict, verdictOf } from "../../../scripts/figures/bounds.js";
import { Progress } from "../../../scripts/progress.js";
import { ADDRESS, askOverTls, CLIENT, sleep } from "../../lab/production/stack.js";
import { DASHBOARD, queriesOf } from "../dashboard.js";
import { ALERTS, DASHBOARDS } from "../mixin.js";
import { DEFAULT_TIMES, promiseOf } from "../promises.js";
import type { Fault, Plan, Scene } from "./fault.js";
import { Prometheus } from "./prometheus.js";
import { type Sight, showSights } from "./record.js";
import { shorter, TIMES } from "./settings.js";
import { SITES, type Site } from "./site.js";

const POLL = 250;
/** Milliseconds for which an alert that is late is waited for beyond its promise, to tell how late. */
const GRACE = 30_000;
/** Milliseconds in which the alerts of a fault that has ended must end. */
const QUIET = 120_000;
/** Milliseconds after what is planned for which it may still fire alerts. */
const AFTERMATH = 15_000;

/** The word for what is planned, among those of `--only`. */
const THROUGH_PLANS = "planned";

const say = (text: string) => process.stdout.write(text);

/** What a run has seen; undefined is what it did not look at. */
interface Seen {
  readonly sights: Sight[];
  /** Alerts that fired through what is planned. */
  falseAlarms?: readonly string[];
  /** Queries of dashboards without data. */
  empty?: readonly string[];
}

async function main(): Promise<void> {
  const { json, short, only } = parseArgs({
    options: { json: { type: "string" }, short: { type: "boolean", default: false }, only: { type: "string" } },
  }).values;
  const sites = chosenOf(short, only?.split(","));
  const steps = sites.map(({ hasAll, plans, faults }) => 2 + (hasAll ? 1 : 0) + plans.length + faults.length);
  const progress = new Progress(steps.reduce((sum, each) => sum + each, 0));
  const seen: Seen = { sights: [] };
  const errors: string[] = [];
  for (const site of sites) await visit(site, progress, seen, errors);

  const { sights, empty, falseAlarms } = seen;
  const hasPlans = sites.some(({ plans }) => plans.length > 0);
  const bounds = [
    ...sights.map(({ alert, promised, seen }) => atMost(`${alert}: seconds`, promised, seen)),
    none("alerts that did not reach Alertmanager", sights.filter(({ delivered }) => !delivered).length),
    ...(sites.some(({ hasAll }) => hasAll) ? [none("queries of dashboards without data", empty?.length)] : []),
    ...(hasPlans ? [none("alerts through what is planned", falseAlarms?.length)] : []),
  ];
  report(sights, bounds, errors, progress, json);
}

/** The sites that are needed, with what is made there. */
function chosenOf(short: boolean, only: readonly string[] | undefined): readonly Site[] {
  const known = [...SITES.flatMap(({ faults }) => faults.flatMap(({ alerts }) => alerts)), THROUGH_PLANS];
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`nothing is made for ${unknown}; there is ${known.join(", ")}`);
  return SITES.map((site) => ({
    ...site,
    plans: (only?.includes(THROUGH_PLANS) ?? !short) ? site.plans : [],
    faults: site.faults.filter((each) => only?.some((name) => each.alerts.includes(name)) ?? (!short || each.short)),
  })).filter(({ plans, faults }) => plans.length + faults.length > 0);
}

/** Starts a site, and does and makes there what is chosen. What goes wrong ends the visit, and is an error. */
async function visit(site: Site, progress: Progress, seen: Seen, errors: string[]): Promise<void> {
  const { what, model, plans, faults, hasAll } = site;
  let lab: Lab | undefined;
  let prometheus: Prometheus | undefined;
  try {
    const running = await progress.step(`starting ${what}`, site.start);
    lab = running;
    const watching = await progress.step("starting Prometheus and Alertmanager", () => Prometheus.start(running, site));
    prometheus = watching;
    const scene = { lab: running, model };
    if (hasAll) {
      seen.empty = await progress.step("asking what every dashboard asks", () => emptyQueries(running, watching));
      for (const query of seen.empty) say(`no data: ${query}\n`);
    }
    if (plans.length > 0) {
      const alarms = await alarmsThrough(plans, scene, watching, progress);
      for (const alarm of alarms) say(`fired through ${alarm}\n`);
      seen.falseAlarms = [...(seen.falseAlarms ?? []), ...alarms];
    }
    for (const fault of faults) {
      const names = fault.alerts.join(", ");
      seen.sights.push(...(await progress.step(`${names}: ${fault.fault}`, () => see(scene, watching, fault))));
    }
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
    const said = prometheus?.logs().split("\n").slice(-10).join("\n") ?? "";
    say(`${error instanceof Error ? error.stack : error}\n${said}\n`);
  } finally {
    await prometheus?.stop();
    await lab?.stop();
  }
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

/** Makes a fault, waits for its alerts, and for the end of all alerts after it. */
async function see(scene: Scene, prometheus: Prometheus, fault: Fault): Promise<readonly Sight[]> {
  const { lab } = scene;
  let begun = 0;
  const begins = async () => {
    const early = (await prometheus.firing()).filter((name) => fault.alerts.includes(name));
    if (early.length > 0) throw new Error(`before "${fault.fault}" these fired: ${early.join(", ")}`);
    begun = performance.now();
  };
  await begins();
  const end = await fault.make(scene, begins);
  const sights = await Promise.all(fault.alerts.map((alert) => sightOf(alert, fault, begun, prometheus)));
  await end();
  const isQuiet = async () => (await prometheus.alerts()).every(({ labels }) => labels["alertname"] === LASTING);
  if (!(await until(isQuiet, performance.now() + QUIET))) {
    throw new Error(`after "${fault.fault}" these did not end: ${(await prometheus.firing()).join(", ")}`);
  }
  await lab.waitUntilReady();
  return sights;
}

/** Waits for one of the alerts of a fault that has begun. */
async function sightOf(name: string, fault: Fault, begun: number, prometheus: Prometheus): Promise<Sight> {
  const rule = ALERTS.find(({ alert }) => alert === name);
  if (rule === undefined) throw new RangeError(`the mixin has no alert ${name}`);
  const promised = promiseOf({ for: shorter(rule.for) }, TIMES) + fault.shows;
  const fires = async () => (await prometheus.firing()).includes(name);
  const isSeen = await until(fires, begun + 1_000 * promised + GRACE);
  const seen = isSeen ? Number(((performance.now() - begun) / 1_000).toFixed(1)) : undefined;
  const reaches = async () => (await prometheus.delivered()).includes(name);
  const delivered = isSeen && (await until(reaches, performance.now() + 5_000));
  return {
    ...{ alert: name, fault: fault.fault, promised, byDefault: promiseOf(rule, DEFAULT_TIMES), delivered },
    ...(seen === undefined ? {} : { seen }),
  };
}

/** What lasts as long as its window, a quarter of an hour: it goes on while the next faults are made. */
const LASTING = "DnsLbServerFlapping";

/** The alerts that fire while operators do what is planned, and for a while after it, each with what was done then. */
async function alarmsThrough(
  plans: readonly Plan[],
  scene: Scene,
  prometheus: Prometheus,
  progress: Progress,
): Promise<readonly string[]> {
  const fired = new Set<string>();
  let now = "";
  let isDone = false;
  const look = async () => {
    while (!isDone) {
      for (const name of await prometheus.firing()) fired.add(`${now}: ${name}`);
      await sleep(POLL);
    }
  };
  const looking = look();
  try {
    for (const { what, work } of plans) {
      now = what;
      await progress.step(what, () => work(scene));
    }
    await sleep(AFTERMATH);
  } finally {
    isDone = true;
    await looking;
  }
  return [...fired];
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
