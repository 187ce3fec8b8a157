/**
 * Breaks three nodes behind two routers in all ways, under load: `main.ts [--json FILE] [--record FILE] [--runs N] [--short]
 * [--only EVENT,...] [--other]`. Its status is 0 only if all that is promised was seen. `--json` writes all that was seen,
 * `--record` puts the worst of each event into a file that may know of others.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { LabOptions } from "../../lib/testing/index.js";
import { otherSuite, rootFolder } from "../../scripts/debian/root.js";
import { showBounds, showVerdict, verdictOf } from "../../scripts/figures/bounds.js";
import { Progress } from "../../scripts/progress.js";
import { type Account, underLoad } from "./account.js";
import type { Event } from "./event.js";
import { EVENTS } from "./events/index.js";
import { boundsOfMove, fromAPair, type Moved } from "./from-a-pair.js";
import { merged, recordOf, recordOfMoves } from "./record.js";
import { showAccounts } from "./report.js";
import { Site } from "./site.js";
import { boundsOf } from "./verdict.js";

const NAME = "anycast";
const FROM_A_PAIR = "from-a-pair";
const MOVE = "from a pair to a group";
/** Milliseconds under load after all is well again. */
const AFTER = 1_000;

const say = (text: string) => process.stdout.write(text);

interface Choice {
  readonly events: readonly Event[];
  readonly movesPair: boolean;
  readonly runs: number;
  /** The daemons of which release of Debian nodes and routers run. */
  readonly root: Pick<LabOptions, "root">;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      record: { type: "string" },
      runs: { type: "string", default: "3" },
      short: { type: "boolean", default: false },
      only: { type: "string" },
      other: { type: "boolean", default: false },
    },
  });
  const choice = choose(values);
  const { events, movesPair, runs } = choice;
  const sites = bySite(events);
  const steps = sites.length + runs * (events.length * 2 + (movesPair ? 1 : 0));
  const progress = new Progress(steps);
  const accounts: Account[] = [];
  const moved: Moved[] = [];
  const errors: string[] = [];

  await attempt(errors, async () => {
    for (const own of sites) await tryEvents(own, choice, progress, accounts);
    for (let run = 0; movesPair && run < runs; run += 1) {
      moved.push(await progress.step(MOVE, () => fromAPair(NAME, choice.root)));
    }
  });

  const bounds = [...boundsOf(events, accounts), ...(movesPair ? boundsOfMove(moved) : [])];
  const verdict = verdictOf(bounds, errors);
  const { seconds, times } = progress;
  say(`\n${showAccounts(accounts)}\n\n${showBounds(bounds)}\n\n${showVerdict(verdict, bounds, seconds)}\n`);
  if (values.json !== undefined) {
    const figures = { schema: 1, runs, verdict, seconds, steps: times, bounds, accounts, moved, errors };
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  if (values.record !== undefined) {
    const before = existsSync(values.record) ? JSON.parse(readFileSync(values.record, "utf8")) : undefined;
    const fresh = [...recordOf(events, accounts), ...recordOfMoves(MOVE, moved)];
    writeFileSync(values.record, `${JSON.stringify(merged(before, fresh), null, 2)}\n`);
  }
  process.exitCode = verdict.passed ? 0 : 1;
}

function choose(values: { runs: string; short: boolean; only?: string; other: boolean }): Choice {
  const { short, only, other } = values;
  const wanted = only?.split(",");
  const known = [...EVENTS.map(({ key }) => key), FROM_A_PAIR];
  const unknown = wanted?.find((key) => !known.includes(key));
  if (unknown !== undefined) throw new RangeError(`there is no event ${unknown}; there are ${known.join(", ")}`);
  const events = EVENTS.filter((event) => (wanted === undefined ? !short || event.short : wanted.includes(event.key)));
  const root = other ? { root: rootFolder(otherSuite()) } : {};
  const movesPair = wanted === undefined ? !short : wanted.includes(FROM_A_PAIR);
  return { events, movesPair, runs: short ? 1 : Number(values.runs), root };
}

/** The events that need the same site, together. */
function bySite(events: readonly Event[]): readonly (readonly Event[])[] {
  const keys = [...new Set(events.map(({ site }) => JSON.stringify(withDefaults(site))))];
  return keys.map((key) => events.filter(({ site }) => JSON.stringify(withDefaults(site)) === key));
}

function withDefaults({ bfd = "300ms" }: Event["site"]): Event["site"] {
  return { bfd };
}

async function tryEvents(events: readonly Event[], choice: Choice, progress: Progress, accounts: Account[]) {
  const [first] = events;
  if (first === undefined) return;
  const options = withDefaults(first.site);
  const starting = `starting three nodes behind two routers, BFD 3 x ${options.bfd}`;
  const site = await progress.step(starting, () => Site.start(NAME, options, choice.root));
  try {
    for (let run = 0; run < choice.runs; run += 1) {
      for (const event of events) await tryEvent(site, event, run, progress, accounts);
    }
  } finally {
    await site.lab.stop();
  }
}

async function tryEvent(site: Site, event: Event, run: number, progress: Progress, accounts: Account[]) {
  const { name, victims, strike, recover, lasts } = event;
  const victim = victims[run % victims.length] ?? "";
  const take = async (part: Account["part"], title: string, act: () => Promise<void>, after: number) => {
    const about = { event: name, part, victim };
    const account = await progress.step(title, () => underLoad(site, about, act, after));
    accounts.push(account);
    say(`${showAccounts([account])}\n`);
  };
  await take("failure", `${name}: ${victim}`, () => strike(site, victim), lasts);
  if (recover === undefined) return;
  const returns = async () => {
    await recover(site, victim);
    await site.settle();
  };
  await take("return", `${name}: ${victim} returns`, returns, AFTER);
}

/** Runs what may fail; what went wrong is written down and shown. */
async function attempt(errors: string[], part: () => Promise<void>): Promise<void> {
  try {
    await part();
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
    say(`${error instanceof Error ? error.stack : error}\n`);
  }
}

void main();
