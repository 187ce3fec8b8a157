import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { AuthoritativePool, DockerNode, HaPair } from "../../../lib/index.js";
import { WATCH } from "../../../lib/model/daemon-name.js";
import { Lab, type LabNode } from "../../../lib/testing/index.js";
import { familyOfProcess } from "../../../lib/testing/lab/namespace.js";
import { Dnsperf, records } from "../loads/dnsperf.js";
import { Machine } from "../machine.js";
import { untilItCounts } from "../measure.js";
import type { Figure, Results, Unit } from "../results.js";
import { type Surroundings, serverAddresses } from "../site.js";
import { sampleOf } from "../statistics.js";
import { memory, processorTime } from "../usage.js";
import type { OwnPart } from "./part.js";

const ADDRESS = "10.0.0.53";
/* Queries per second of the load. */
const LOAD = 5_000;
const STATES = ["idle", "load"] as const;
const WINDOWS = { least: 6, most: 10 };
/* Seconds: ticks of the kernel are hundredths. */
const WINDOW = 5;

/** What a node of a pair takes, the one that holds the address: idle, and at a fixed load; the watch beside the daemons. */
export const footprint: OwnPart = {
  ...{ name: "footprint", title: "memory and processor time of a node", among: "own" },
  bounds: [
    {
      ...{ of: "footprint/idle/processor/node", title: "idle processor time of a node, % of a core" },
      limit: { atMost: 2 },
    },
  ],
  measure: async (around) => {
    const lab = await startPair(around);
    try {
      const dnsperf = new Dnsperf(await Machine.add(lab, "10.0.0.77"));
      const [holder = ""] = await lab.holders(ADDRESS);
      const subject = { name: "pair", title: "a pair", address: ADDRESS, port: 53 };
      const figures: Figure[] = [];
      for (const state of STATES) {
        const windows = Math.max(WINDOWS.least, Math.min(WINDOWS.most, around.rounds));
        const sending = { transport: "udp", rate: LOAD } as const;
        const load = state === "idle" ? pause : () => dnsperf.ask(subject, { ...sending, seconds: WINDOW });
        figures.push(...(await observe(state, lab.node(holder), windows, load)));
      }
      return { figures, ratios: [] } satisfies Results;
    } finally {
      await lab.stop();
    }
  },
};

async function startPair({ root }: Surroundings): Promise<Lab> {
  const outdir = mkdtempSync(join(tmpdir(), "dns-lb-bench-"));
  try {
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "bench");
    const nodes = ["lb1", "lb2"].map((name, index) => new DockerNode(stack, name, { address: `10.0.0.${index + 2}` }));
    const servers = serverAddresses().map((address, index) => ({ name: `auth${index + 1}`, address }));
    const pool = new AuthoritativePool(stack, "Pool", { zones: ["example.com"], servers });
    const [first, second] = nodes;
    if (first === undefined || second === undefined) throw new RangeError("a pair has two nodes");
    const pair = new HaPair(stack, "Pair", {
      nodes: [first, second],
      virtualAddresses: [{ address: ADDRESS }],
      virtualRouterId: 53,
    });
    pair.addDnsFrontend("Front", { pool });
    const zones = { "example.com": records() };
    return await Lab.start(app, { name: "bench", queryLog: false, zones, ...(root === undefined ? {} : { root }) });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Looks at a node while something goes on, several times. */
async function observe(
  state: string,
  node: LabNode,
  windows: number,
  during: () => Promise<unknown>,
): Promise<Figure[]> {
  const services = node.nodeSpec.manifest.services.map(({ name }) => name);
  const processor = new Map<string, number[]>();
  const resident = new Map<string, number[]>();
  for (let window = 0; window < windows; window += 1) {
    const seen = await untilItCounts(() => look(node, services, during));
    for (const { service, percent, mebibytes } of [...seen, sumOf(seen)]) {
      add(processor, service, percent);
      add(resident, service, mebibytes);
    }
  }
  return [
    ...figuresOf(`footprint/${state}/processor`, `${state}, processor time`, "% of a core", processor),
    ...figuresOf(`footprint/${state}/memory`, `${state}, memory`, "MiB", resident),
  ];
}

/** What a service of a node took while something went on. */
interface Taken {
  readonly service: string;
  readonly percent: number;
  readonly mebibytes: number;
}

async function look(node: LabNode, services: readonly string[], during: () => Promise<unknown>): Promise<Taken[]> {
  const before = services.map((service) => {
    const pids = pidsOf(node, service);
    return { service, pids, used: processorTime(pids) };
  });
  const start = performance.now();
  await during();
  const seconds = (performance.now() - start) / 1_000;
  return before.map(({ service, pids, used }) => ({
    service,
    percent: ((processorTime(pids) - used) / seconds) * 100,
    mebibytes: memory(pids),
  }));
}

function sumOf(all: readonly Taken[]): Taken {
  const sum = (value: (taken: Taken) => number) => all.reduce((total, taken) => total + value(taken), 0);
  return { service: "node", percent: sum(({ percent }) => percent), mebibytes: sum(({ mebibytes }) => mebibytes) };
}

function pidsOf(node: LabNode, service: string): number[] {
  const { pid } = node.process(service);
  return pid === undefined ? [] : familyOfProcess(pid);
}

function add(values: Map<string, number[]>, name: string, value: number): void {
  values.set(name, [...(values.get(name) ?? []), value]);
}

function figuresOf(path: string, title: string, unit: Unit, values: ReadonlyMap<string, readonly number[]>): Figure[] {
  return [...values].map(([name, seen]) => {
    const who = name === "node" ? "the whole node" : name === WATCH ? "the watch" : name;
    return { name: `${path}/${name}`, title: `${who}, ${title}`, unit, ...sampleOf(seen) };
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, WINDOW * 1_000));
}
