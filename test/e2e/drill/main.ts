/**
 * Deploys examples/docker-pair with Terraform to a Docker engine, changes it, breaks it and destroys it, under load:
 * `main.ts [--json FILE] [--runs N] [--margin M] [--only STAGE,...]`. Its status is 0 only if all that is promised was
 * seen.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Bound, showBounds, showVerdict, verdictOf } from "../../../scripts/figures/bounds.js";
import { Progress } from "../../../scripts/progress.js";
import type { Outcome } from "./outcome.js";
import { startOutsideResolver } from "./outside-resolver.js";
import { Site } from "./site.js";
import { calm } from "./stages/calm.js";
import { changes } from "./stages/changes.js";
import { deploy } from "./stages/deploy.js";
import { destroy } from "./stages/destroy.js";
import { engine } from "./stages/engine.js";
import { image } from "./stages/image.js";
import { outages } from "./stages/outages.js";
import { refusals } from "./stages/refusals.js";
import { secrets } from "./stages/secrets.js";

/** How a drill is driven. */
interface Drill {
  /** How often each fault is made; the promises are those of the worst of ten. */
  readonly runs: number;
  /** What limits on outages are multiplied by, where other work takes the processors. */
  readonly margin: number;
}

interface Stage {
  readonly name: string;
  readonly title: string;
  readonly run: (site: Site, drill: Drill & { readonly isLast: boolean }) => Promise<Outcome>;
}

const STAGES: readonly Stage[] = [
  { name: "deploy", title: "deploying it to an empty engine", run: deploy },
  {
    name: "changes",
    title: "changing it in five ways under load",
    run: (site, { runs, isLast }) => changes(site, Math.min(3, runs), isLast),
  },
  { name: "refusals", title: "deploying what cannot work under load", run: refusals },
  { name: "calm", title: "draining a node; all servers dead for both nodes", run: calm },
  {
    name: "outages",
    title: "breaking the leading node under load",
    run: (site, { runs, margin }) => outages(site, runs, margin),
  },
  { name: "image", title: "changing the image under load", run: image },
  { name: "engine", title: "ending the engine, and what runs on it", run: engine },
  { name: "secrets", title: "looking for secrets", run: secrets },
  { name: "destroy", title: "destroying it", run: destroy },
];

const say = (text: string) => process.stdout.write(text);

async function main(): Promise<void> {
  const { json, runs, margin, only } = parseArgs({
    options: {
      json: { type: "string" },
      runs: { type: "string", default: "10" },
      margin: { type: "string", default: "1" },
      only: { type: "string" },
    },
  }).values;
  const drill = { runs: Number(runs), margin: Number(margin) };
  const chosen =
    only === undefined ? STAGES : STAGES.filter(({ name }) => ["deploy", ...only.split(",")].includes(name));
  const progress = new Progress(chosen.length + 1);
  const outcomes: Record<string, Outcome> = {};
  const errors: string[] = [];
  let site: Site | undefined;
  const note = (error: unknown) => {
    errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    say(`${errors.at(-1)}\n`);
  };
  try {
    const opened = await progress.step("starting an engine, making a base image", () => Site.open());
    site = opened;
    say(`Docker ${opened.engine.version}; provider: ${opened.provider.description}\n`);
    for (const { name, title, run } of chosen) {
      try {
        const isLast = name === chosen.at(-1)?.name;
        const outcome = await progress.step(title, () => run(opened, { ...drill, isLast }));
        outcomes[name] = outcome;
        say(`${outcome.text}\n`);
      } catch (error) {
        // The others may tell more, unless there is nothing to tell of.
        if (name === "deploy") throw error;
        note(error);
      }
      if (name === "deploy") await startOutsideResolver(opened);
    }
  } catch (error) {
    note(error);
  } finally {
    await site?.close();
  }
  const bounds: readonly Bound[] = Object.values(outcomes).flatMap((outcome) => outcome.bounds);
  const verdict = verdictOf(bounds, errors);
  say(`\n${showBounds(bounds)}\n\n${showVerdict(verdict, bounds, progress.seconds)}\n`);
  if (json !== undefined) {
    const { times: steps, seconds } = progress;
    const figures = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.figures]));
    const provider = site?.provider.description;
    writeFileSync(
      json,
      `${JSON.stringify({ schema: 1, drill, verdict, provider, seconds, steps, bounds, figures, errors }, null, 2)}\n`,
    );
  }
  process.exitCode = verdict.passed ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // What was started ends with this process or is removed by the next run.
  process.once(signal, () => process.kill(process.pid, signal));
}

void main();
