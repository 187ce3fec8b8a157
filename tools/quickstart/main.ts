import { writeFileSync } from "node:fs";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import { Lab } from "../../lib/testing/index.js";
import { showBounds, showVerdict } from "../../scripts/figures/bounds.js";
import { Progress, type Tell } from "../../scripts/progress.js";
import { figuresOf } from "./figures.js";
import { withoutRoot } from "./path.js";
import type { Results } from "./report.js";
import { productionModel, SECRETS } from "./stack.js";
import { changedModel, changeLists, showListsChanged } from "./steps/change-lists.js";
import { healthOf, showHealth } from "./steps/health.js";
import { killMaster, showMasterKilled } from "./steps/kill-master.js";
import { killResolver, showResolverKilled, VICTIM } from "./steps/kill-resolver.js";
import { askEverywhere, showQueries } from "./steps/queries.js";
import { showSynthesis, synthesize } from "./steps/synthesize.js";
import { showTakenDown, takeDown } from "./steps/take-down.js";
import { showTopology, topologyOf } from "./steps/topology.js";
import { daemonVersions, showVersions } from "./versions.js";

/*
 * The production example, live: `quickstart [--json FILE]`, in the repository's root. Its status is 0 only if
 * everything that is promised was seen.
 */

const NAME = "quickstart";
const STEPS = 8;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const progress = new Progress(STEPS);
const results: Writable<Results> = {};
const errors: string[] = [];
let lab: Lab | undefined;

async function run(): Promise<void> {
  results.synthesis = await progress.step("synthesizing examples/production with cdktf", synthesize);
  say(showSynthesis(results.synthesis));

  const model = productionModel();
  results.start = await progress.step("starting it in network namespaces of this machine", (tell) =>
    start(model, tell),
  );
  const running = started();
  results.topology = await topologyOf(running, model);
  say(`${showVersions(await daemonVersions())}\n\n${showTopology(results.topology)}`);

  results.queries = await progress.step("asking every address over every transport", () => askEverywhere(running));
  say(showQueries(results.queries));

  const master = await masterOf(running, model);
  const asking = `asking ${master} how both of its daemons see the servers`;
  results.health = await progress.step(asking, () => healthOf(running, model, master));
  say(showHealth(results.health));

  const killing = `killing ${VICTIM} under load`;
  results.resolverKilled = await progress.step(killing, () => killResolver(running, model, running.node(master)));
  say(showResolverKilled(results.resolverKilled));

  const changing = "changing the lists of servers under load";
  results.listsChanged = await progress.step(changing, () => changeLists(running, model, VICTIM));
  say(showListsChanged(results.listsChanged));

  const changed = changedModel(model);
  const leader = await masterOf(running, model);
  const dying = `killing the master node, ${leader}, under load`;
  results.masterKilled = await progress.step(dying, () => killMaster(running, changed, running.node(leader)));
  say(showMasterKilled(results.masterKilled));
}

async function start(model: LoadBalancer, tell: Tell): Promise<NonNullable<Results["start"]>> {
  const before = performance.now();
  lab = await Lab.start([model], { name: NAME, secrets: SECRETS, onProgress: tell });
  return { milliseconds: Math.round(performance.now() - before) };
}

function started(): Lab {
  if (lab === undefined) throw new RangeError("the lab does not run");
  return lab;
}

async function masterOf(running: Lab, model: LoadBalancer): Promise<string> {
  const holders = await Promise.all(model.virtualAddresses.map(({ address }) => running.holders(address)));
  const [name, ...others] = new Set(holders.flat());
  if (name === undefined || others.length > 0) throw new RangeError("the virtual addresses are not all on one node");
  return name;
}

/** Runs a part; what goes wrong is written down and shown, and the parts that must come all the same still come. */
async function attempt(part: () => Promise<void>): Promise<void> {
  try {
    await part();
  } catch (error) {
    const message = withoutRoot(error instanceof Error ? error.message : String(error));
    errors.push(message);
    say(message);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(json: string | undefined): Promise<void> {
  await attempt(run);
  await attempt(async () => {
    if (lab === undefined) return;
    const ending = lab;
    results.takenDown = await progress.step("taking everything down", () => takeDown(ending));
    say(showTakenDown(results.takenDown));
  });

  const versions = await daemonVersions();
  const { seconds, times: steps } = progress;
  const figures = figuresOf({ results, errors, versions, steps, seconds });
  const { bounds, verdict } = figures;
  say(`\n${showBounds(bounds)}`);
  say(`\n${showVerdict(verdict, bounds, seconds)}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  process.exitCode = verdict.passed ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    say("\ninterrupted: taking everything down");
    // The lab, if it is up, ends itself on the way.
    process.kill(process.pid, signal);
  });
}

const [flag, file] = process.argv.slice(2);
void main(flag === "--json" ? file : undefined);
