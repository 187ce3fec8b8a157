import type { Figure, Ratio, Results, Unit } from "./results.js";
import { sampleOf } from "./statistics.js";

/** Something that runs are made of. */
export interface Contender {
  /** A word, as part of the names of figures. */
  readonly name: string;
  readonly title: string;
}

/** A figure that every run gives. */
export interface Metric {
  /** As part of the names of figures; empty if there is one metric alone. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
}

/** Runs to be made, side by side. */
export interface Contest<C extends Contender> {
  /** The first part of the names of all its figures. */
  readonly name: string;
  /** Which are compared; each pair is run once in a round, the one right after the other. */
  readonly pairs: readonly (readonly [C, C])[];
  readonly rounds: number;
  readonly metrics: readonly Metric[];
  /** Makes one run, and gives the value of each metric, in order; NaN for one that a contender does not have. */
  run(contender: C): Promise<readonly number[]>;
}

/**
 * Makes all runs of a contest. In every second round the pairs and both of each pair change their order, so that what the
 * machine does meanwhile weighs on both alike.
 */
export async function compete<C extends Contender>(contest: Contest<C>): Promise<Results> {
  const seen = new Map<C, (readonly number[])[]>();
  const compared = contest.pairs.map((): (readonly number[])[] => []);
  const measure = async (contender: C) => {
    const values = await contest.run(contender);
    seen.set(contender, [...(seen.get(contender) ?? []), values]);
    return values;
  };
  for (let round = 0; round < contest.rounds; round += 1) {
    for (const { pair, index } of inOrder(contest.pairs, round)) {
      const [one, other] = pair;
      const first = await measure(round % 2 === 0 ? one : other);
      const second = await measure(round % 2 === 0 ? other : one);
      const [above, below] = round % 2 === 0 ? [first, second] : [second, first];
      compared[index]?.push(above.map((value, at) => value / (below[at] ?? Number.NaN)));
    }
  }
  return {
    figures: [...seen].flatMap(([contender, runs]) => figuresOf(contest, contender, runs)),
    ratios: contest.pairs.flatMap(([one, other], index) => ratiosOf(contest, one, other, compared[index] ?? [])),
  };
}

function inOrder<P>(pairs: readonly P[], round: number): { readonly pair: P; readonly index: number }[] {
  const numbered = pairs.map((pair, index) => ({ pair, index }));
  return round % 2 === 0 ? numbered : numbered.reverse();
}

function figuresOf<C extends Contender>(
  { name, metrics }: Contest<C>,
  contender: C,
  runs: readonly (readonly number[])[],
): Figure[] {
  return present(metrics, runs).map(({ metric, values }) => ({
    name: pathOf(name, metric.name, contender.name),
    title: titleOf(contender.title, metric),
    unit: metric.unit,
    ...sampleOf(values),
  }));
}

function ratiosOf<C extends Contender>(
  { name, metrics }: Contest<C>,
  one: C,
  other: C,
  runs: readonly (readonly number[])[],
): Ratio[] {
  if (runs.length === 0) return [];
  return present(metrics, runs).map(({ metric, values }) => ({
    name: pathOf(name, metric.name, `${one.name}:${other.name}`),
    title: titleOf(`${one.title} / ${other.title}`, metric),
    ...sampleOf(values),
  }));
}

/** The metrics that have values, with those. */
function present(metrics: readonly Metric[], runs: readonly (readonly number[])[]) {
  return metrics
    .map((metric, at) => ({ metric, values: runs.map((values) => values[at] ?? Number.NaN) }))
    .filter(({ values }) => !values.every(Number.isNaN));
}

function pathOf(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("/");
}

function titleOf(title: string, { title: metric }: Metric): string {
  return metric === "" ? title : `${title}, ${metric}`;
}
