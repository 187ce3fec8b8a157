import { writeFileSync } from "node:fs";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { Lab } from "../../../lib/testing/index.js";
import { showBounds, showVerdict, verdictOf } from "../../../scripts/figures/bounds.js";
import { Progress, type Tell } from "../../../scripts/progress.js";
import { withoutRoot } from "../path.js";
import { TRANSPORTS } from "../side.js";
import { showTakenDown, takeDown } from "../steps/take-down.js";
import { BIRD, daemonVersions, showVersions } from "../versions.js";
import { type Asked, type Happened, type Reach, type Results, showAsked, showHappened, showReach } from "./report.js";
import { groupModel, NODES, ROUTERS, SECRETS, SIDES, TLS_NAME } from "./stack.js";
import { underLoad } from "./traffic.js";
import { boundsOf } from "./verdict.js";

/*
 * A group of nodes behind routers, live: `anycast/main [--json FILE]`, in the repository's root. Its status is 0 only if
 * everything that is promised was seen.
 */

const NAME = "quickstart_anycast";
const STEPS = 7;
const [DYING, LEAVING] = NODES;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const progress = new Progress(STEPS);
const results: Writable<Results> = {};
const errors: string[] = [];
let lab: Lab | undefined;

async function run(): Promise<void> {
  const model = groupModel();
  const starting = "starting three nodes and two routers in network namespaces of this machine";
  results.start = await progress.step(starting, (tell) => start(model, tell));
  say(`${showVersions(await daemonVersions(BIRD))}\n\n${showReach(results.start.reach)}`);

  results.asked = await progress.step("asking both addresses over every transport, by the routers", ask);
  say(showAsked(results.asked));

  const happens = async (what: string, act: () => Promise<void>): Promise<Happened> => {
    const flows = await progress.step(`${what}, under load`, () => underLoad(started(), act));
    const happened = { what, flows, reach: await reachOf() };
    say(showHappened(happened));
    return happened;
  };
  const [dying, leaving] = [started().node(DYING), started().node(LEAVING)];
  results.killed = await happens(`killing ${DYING}`, () => dying.kill());
  results.returned = await happens(`${DYING} returns`, async () => {
    await dying.start();
    await settle();
  });
  results.drained = await happens(`draining ${LEAVING}`, () => tell(LEAVING, "drain"));
  results.undrained = await happens(`${LEAVING} comes back`, async () => {
    await tell(leaving.name, "undrain");
    await settle();
  });
}

async function start(model: LoadBalancer, onProgress: Tell): Promise<NonNullable<Results["start"]>> {
  const before = performance.now();
  const options = { name: NAME, secrets: SECRETS, watchTakeovers: false, readyWithin: "60s", onProgress } as const;
  lab = await Lab.start([model], options);
  return { milliseconds: Math.round(performance.now() - before), reach: await reachOf() };
}

async function ask(): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const { family, address: server, client } of SIDES) {
    for (const [transport, name] of TRANSPORTS) {
      const options = { server, transport, tlsName: TLS_NAME } as const;
      const { status, time } = await started().client(client).query("www.example.com", "A", options);
      asked.push({ family, transport: name, status, milliseconds: time });
    }
  }
  return asked;
}

async function reachOf(): Promise<readonly Reach[]> {
  const pairs = ROUTERS.flatMap((router) => SIDES.map(({ address }) => ({ router, address })));
  return Promise.all(
    pairs.map(async ({ router, address }) => ({
      ...{ router, address },
      nodes: await started().router(router).nodes(address),
    })),
  );
}

/** Waits until all nodes get queries again. */
async function settle(): Promise<void> {
  const settled = async () => (await reachOf()).every(({ nodes }) => nodes.length === NODES.length);
  await started().waitFor(settled, { timeout: "40s", what: "routers send queries to all nodes again" });
}

async function tell(name: string, word: string): Promise<void> {
  const { status, stdout, stderr } = await started().node(name).agent(word);
  if (status !== 0) throw new RangeError(`${name}: dns-lb-agent ${word}: ${(stderr + stdout).trim()}`);
}

function started(): Lab {
  if (lab === undefined) throw new RangeError("the lab does not run");
  return lab;
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

  const bounds = boundsOf(results);
  const verdict = verdictOf(bounds, errors);
  const { seconds, times: steps } = progress;
  say(`\n${showBounds(bounds)}\n\n${showVerdict(verdict, bounds, seconds)}`);
  if (json !== undefined) {
    const figures = {
      schema: 1,
      verdict,
      seconds,
      versions: await daemonVersions(BIRD),
      steps,
      bounds,
      errors,
      results,
    };
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  }
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
