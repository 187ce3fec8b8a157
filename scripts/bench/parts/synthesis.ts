import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { command } from "../../../lib/testing/lab/command.js";
import type { AppCost, AppPlan } from "../apps/app.js";
import { commandOf } from "../apps/command.js";
import { stackFile } from "../apps/stack-file.js";
import { BenchError } from "../errors.js";
import { type Contender, compete } from "../pairs.js";
import { type Ratio, type Results, together } from "../results.js";
import { sampleOf } from "../statistics.js";
import type { OwnPart } from "./part.js";

const SIZES = [10, 100, 1_000, 2_000] as const;
const SPREADS = [
  { name: "one-pool", title: "in one pool", pools: 1 },
  { name: "twenty-pools", title: "in twenty pools", pools: 20 },
] as const;
const METRICS = [
  { name: "time", title: "time", unit: "s" },
  { name: "memory", title: "peak memory", unit: "MiB" },
] as const;
/* Where no bound asks for more pairs. */
const FEWER_ROUNDS = 5;

/** An app in a process of its own. */
interface App extends Contender {
  readonly name: "ours" | "plain";
  readonly outdir: string;
}

/** What synthesis costs against an app that makes the same resources with cdktf alone. */
export const synthesis: OwnPart = {
  ...{ name: "synthesis", title: "synthesis", among: "own" },
  bounds: [
    ...SPREADS.map(({ name, title }) => ({
      of: `synthesis/${name}-2000/time/ours:plain`,
      title: `synthesis of 2,000 servers ${title} / plain cdktf`,
      limit: { atMost: 1.5 },
    })),
    {
      ...{ of: "synthesis/linear", title: "synthesis of a server more: from 1,000 to 2,000 / from 100 to 1,000" },
      limit: { atMost: 1.25 },
    },
  ],
  measure: async ({ rounds }) => {
    const folder = mkdtempSync(join(tmpdir(), "dns-lb-bench-"));
    try {
      const results = [];
      for (const { name, pools } of SPREADS) {
        for (const servers of SIZES) {
          const isBound = servers === 2_000 || (pools === 1 && servers > 10);
          const times = isBound ? rounds : Math.min(rounds, FEWER_ROUNDS);
          results.push(
            await compare(folder, `${name}-${servers}`, { servers, pools: Math.min(pools, servers) }, times),
          );
        }
      }
      const all = together(results);
      return { ...all, ratios: [...all.ratios, linear(all)] };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function compare(
  folder: string,
  name: string,
  plan: Pick<AppPlan, "servers" | "pools">,
  rounds: number,
): Promise<Results> {
  // An app makes its own folder alone.
  mkdirSync(join(folder, name));
  const ours: App = { name: "ours", title: "with the library", outdir: join(folder, name, "ours") };
  const plain: App = { name: "plain", title: "with cdktf alone", outdir: join(folder, name, "plain") };
  const run = async (app: App): Promise<readonly number[]> => {
    const words = commandOf(app.name, { ...plan, outdir: app.outdir, like: ours.outdir });
    const { stdout } = await command(words);
    const { seconds, mebibytes } = JSON.parse(stdout) as AppCost;
    return [seconds, mebibytes];
  };
  // The plain app makes what the other one has made.
  await run(ours);
  await run(plain);
  checkAlike(ours, plain);
  return compete<App>({ name: `synthesis/${name}`, pairs: [[ours, plain]], rounds, metrics: METRICS, run });
}

/** Fails if two apps did not make the same resources. */
function checkAlike(one: App, other: App): void {
  const [first, second] = [one, other].map(({ outdir }) => resourcesOf(readFileSync(stackFile(outdir), "utf8")));
  if (!isDeepStrictEqual(first, second)) throw new BenchError("the plain app does not make the same resources");
}

/** The resources in what was synthesized, without the paths of their constructs. */
function resourcesOf(text: string): unknown {
  const { resource } = JSON.parse(text, (key, value: unknown) => (key === "//" ? undefined : value));
  return resource;
}

/** How much more a server costs where there are many already, round by round. */
function linear({ figures }: Results): Ratio {
  const times = (servers: number) => {
    const found = figures.find(({ name }) => name === `synthesis/one-pool-${servers}/time/ours`);
    if (found === undefined) throw new RangeError(`synthesis of ${servers} servers was not measured`);
    return found.values;
  };
  const [few, many, most] = [times(100), times(1_000), times(2_000)];
  const values = most.map((time, at) => {
    const [least = 0, middle = 0] = [few[at], many[at]];
    return (time - middle) / 1_000 / ((middle - least) / 900);
  });
  return { name: "synthesis/linear", title: "a server more among 2,000 / among 1,000", ...sampleOf(values) };
}
