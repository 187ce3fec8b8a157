import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AnycastRecord, showAnycast } from "../../test/anycast/record.js";
import { type MonitoringRecord, showMonitoring } from "../../test/monitoring/drill/record.js";
import { consoleOf } from "../../tools/quickstart/console.js";
import type { Figures as Quickstart } from "../../tools/quickstart/figures.js";
import { showBench } from "../bench/record.js";
import type { Report as Bench } from "../bench/report.js";
import type { Bound } from "./bounds.js";

/** The figures that the documentation tells, by name: numbers, and blocks of text. */
export interface Recorded {
  readonly numbers: Readonly<Record<string, string>>;
  readonly blocks: Readonly<Record<string, string>>;
}

interface Flow {
  readonly sent: number;
  readonly lost: number;
}

/** What `npm run test:e2e -- --json FILE` writes. */
interface Drill {
  readonly drill: { readonly runs: number };
  readonly figures: {
    readonly changes: readonly { readonly seconds: readonly number[]; readonly flows: readonly Flow[] }[];
    readonly refusals: readonly { readonly flows: readonly Flow[] }[];
    readonly calm: { readonly drained: { readonly flows: readonly Flow[] } };
    readonly outages: readonly { readonly fault: string; readonly runs: readonly { readonly gap: number }[] }[];
    readonly image: { readonly flows: readonly Flow[] };
    readonly engine: readonly { readonly after: string; readonly milliseconds: number }[];
  };
}

/** What `npm run test:upgrade -- --json FILE` writes. */
interface Upgrade {
  readonly bounds: readonly Bound[];
}

/** Where the records lie, each as a run wrote it. */
export const RECORDS = "docs/figures";

/** Reads the records below a folder, and names what the documentation tells of them. */
export function recordedFigures(root: string): Recorded {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(root, RECORDS, `${name}.json`), "utf8"));
  const quickstart = read("quickstart") as Quickstart;
  // The bench wants a machine of its own for more than an hour: until it had one there is no record.
  const bench = existsSync(join(root, RECORDS, "bench.json")) ? (read("bench") as Bench) : undefined;
  const anycast = existsSync(join(root, RECORDS, "anycast.json")) ? (read("anycast") as AnycastRecord) : undefined;
  return {
    numbers: {
      ...boundsOf("quickstart", quickstart.bounds),
      ...numbersOfDrill(read("drill") as Drill),
      "upgrade.mixed-pair-outage": mixedPairOutage(read("upgrade") as Upgrade),
    },
    blocks: {
      "quickstart.console": consoleOf(quickstart),
      ...showBench(bench),
      ...showMonitoring(read("monitoring") as MonitoringRecord),
      ...showAnycast(anycast),
    },
  };
}

function numbersOfDrill({ drill, figures }: Drill): Record<string, string> {
  const { changes, refusals, calm, outages, image, engine } = figures;
  const worst = outages.map(({ fault, runs }) => [
    `drill.outage.${slug(fault)}`,
    grouped(Math.max(...runs.map(({ gap }) => gap))),
  ]);
  const comebacks = engine.map(({ after, milliseconds }) => [
    `drill.comeback.${slug(after)}`,
    (milliseconds / 1_000).toFixed(1),
  ]);
  return {
    "drill.runs": String(drill.runs),
    "drill.changes.count": String(changes.flatMap(({ seconds }) => seconds).length),
    ...sums(
      "drill.changes",
      changes.flatMap(({ flows }) => flows),
    ),
    ...sums(
      "drill.refusals",
      refusals.flatMap(({ flows }) => flows),
    ),
    ...sums("drill.drain", calm.drained.flows),
    ...sums("drill.image", image.flows),
    ...Object.fromEntries([...worst, ...comebacks]),
  };
}

function sums(name: string, flows: readonly Flow[]): Record<string, string> {
  const total = (value: (flow: Flow) => number) => grouped(flows.reduce((sum, flow) => sum + value(flow), 0));
  return { [`${name}.sent`]: total(({ sent }) => sent), [`${name}.lost`]: total(({ lost }) => lost) };
}

/** What was seen, and what was promised. */
function boundsOf(record: string, bounds: readonly Bound[]): Record<string, string> {
  return Object.fromEntries(
    bounds.flatMap(({ name, seen, limit = {} }) => {
      const figure = `${record}.${slug(name)}`;
      const limits = Object.values(limit).map((value: number) => [`${figure}.limit`, grouped(value)]);
      return [...(seen === undefined ? [] : [[figure, grouped(seen)]]), ...limits];
    }),
  );
}

function mixedPairOutage({ bounds }: Upgrade): string {
  const seen = bounds.find(({ name }) => name === "a node of a mixed pair dies: without service")?.seen;
  if (seen === undefined) throw new RangeError("the record of the upgrade knows no outage of a mixed pair");
  return grouped(seen);
}

/** A name in lower case, with `-` between its words. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("'", "")
    .replace(/[^a-z0-9]+/g, "-");
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
