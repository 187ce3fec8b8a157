import { spawnSync } from "node:child_process";
import { AccessRule, type AccessRule as Rule } from "../../../lib/index.js";
import type { Bound } from "../bounds.js";
import type { Results } from "../results.js";
import { processors, Site, type Surroundings } from "../site.js";
import type { Shipping } from "../subjects/shipped.js";
import type { Subject } from "../subjects/subject.js";
import { manyServers } from "./many-servers.js";
import type { OwnPart } from "./part.js";
import { throughputOf } from "./throughput.js";

/** Something that a node has more and more of. */
interface Growth {
  readonly name: string;
  readonly title: string;
  /** How many there are, the least first. */
  readonly counts: readonly number[];
  readonly shipping: (count: number) => Pick<Shipping, "pool"> & Partial<Shipping>;
  /** Ratios of throughput that are promised: with so many against the least. */
  readonly bounds: readonly { readonly count: number; readonly atLeast: number }[];
}

const CLIENTS = "10.0.0.0/16";

const few = manyServers(2);

const GROWTHS: readonly Growth[] = [
  {
    ...{ name: "servers", title: "servers", counts: [2, 10, 100, 1_000], bounds: [{ count: 100, atLeast: 0.6 }] },
    shipping: (count) => ({
      pool: { servers: manyServers(count) },
      loadBalancer: { outstandingQueries: 1_000 },
    }),
  },
  {
    ...{ name: "frontends", title: "frontends", counts: [1, 10, 40], bounds: [{ count: 40, atLeast: 0.8 }] },
    shipping: (count) => ({ pool: { servers: few }, frontends: count }),
  },
  {
    ...{ name: "networks", title: "networks of clients", counts: [1, 100, 10_000] },
    bounds: [{ count: 10_000, atLeast: 0.8 }],
    shipping: (count) => ({ pool: { servers: few }, frontend: { allowFrom: [CLIENTS, ...networks(count - 1)] } }),
  },
  {
    ...{ name: "rules", title: "access rules that cannot be merged", counts: [0, 50, 500] },
    bounds: [{ count: 500, atLeast: 0.5 }],
    shipping: (count) => ({ pool: { servers: few }, frontend: { accessRules: numbers(count).map(rule) } }),
  },
  {
    ...{ name: "routes", title: "routes by name", counts: [0, 10, 100], bounds: [] },
    shipping: (count) => ({
      pool: { servers: few },
      routes: numbers(count).map((index) => `zone${index}.example.com`),
    }),
  },
];

/** How the throughput over UDP changes with what a node has; a part for each of it. */
export const growth: readonly OwnPart[] = [
  ...GROWTHS.map((each): OwnPart => {
    const { name, title, counts, bounds } = each;
    return {
      ...{ name: `growth/${name}`, title: `growth with ${title}`, among: "own" },
      bounds: bounds.map(
        ({ count, atLeast }): Bound => ({
          ...{ of: `growth/${name}/${count}:${counts[0]}`, limit: { atLeast } },
          title: `UDP, ${count.toLocaleString("en-US")} ${title} / ${counts[0]}`,
        }),
      ),
      measure: (around) => grow(each, around),
    };
  }),
  {
    ...{ name: "growth/processors", title: "growth with processors", among: "own", bounds: [] },
    measure: (around) => (processors > 1 ? growByProcessors(around) : Promise.resolve({ figures: [], ratios: [] })),
  },
];

async function grow({ name, title, counts, shipping }: Growth, around: Surroundings): Promise<Results> {
  const shippings = counts.map((count, index) => ({
    ...{ name: String(count), title: `${count.toLocaleString("en-US")} ${title}`, address: `10.0.0.${index + 2}` },
    ...shipping(count),
  }));
  const site = await Site.start(
    shippings.map((each) => ({ ...each, name: `n${each.name}` })),
    around,
  );
  try {
    const subjects = counts.map((count): Subject => ({ ...site.subject(`n${count}`), name: String(count) }));
    return await contest(`growth/${name}`, site, subjects, around);
  } finally {
    await site.stop();
  }
}

/** One node that may use one processor, and one that may use all. */
async function growByProcessors(around: Surroundings): Promise<Results> {
  const shippings = ["all", "one"].map((name, index) => ({
    ...{ name, title: `${name} of ${processors} processors`, address: `10.0.0.${index + 2}`, pool: { servers: few } },
  }));
  const site = await Site.start(shippings, around);
  try {
    const node = site.lab.node("one");
    const { services } = node.nodeSpec.manifest;
    for (const { name } of services) await node.process(name).stop();
    // What a process starts may use the processors that it may use itself.
    restrict("0");
    for (const { name } of services) node.process(name).start();
    restrict(`0-${processors - 1}`);
    return await contest("growth/processors", site, [site.subject("one"), site.subject("all")], around);
  } finally {
    restrict(`0-${processors - 1}`);
    await site.stop();
  }
}

function restrict(list: string): void {
  spawnSync("taskset", ["--pid", "--cpu-list", list, String(process.pid)]);
}

/** Compares each subject with the first. */
async function contest(
  name: string,
  site: Site,
  [first, ...others]: readonly Subject[],
  around: Surroundings,
): Promise<Results> {
  if (first === undefined) throw new RangeError("nothing to compare");
  await site.answers();
  site.rest();
  const pairs = others.map((other) => [other, first] as const);
  return throughputOf(site, around, { name, pairs, sending: { transport: "udp" } });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Networks without the client. */
function networks(count: number): string[] {
  return numbers(count).map((index) => `172.${16 + (index >> 8)}.${index & 255}.0/24`);
}

/** Rules of two kinds in turn, none of which matches. */
function rule(index: number): Rule {
  const from = [`192.168.${index & 255}.0/24`];
  return index % 2 === 0
    ? AccessRule.refuse({ from, types: ["ANY"] })
    : AccessRule.drop({ from, names: [`n${index}.example.com`] });
}
