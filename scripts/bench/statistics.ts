/** A figure that was measured several times. */
export interface Sample {
  readonly values: readonly number[];
  readonly median: number;
  /** The ends of the interval that holds the true median with a confidence of 95 %. */
  readonly low: number;
  readonly high: number;
}

/** The probability that the true median lies beyond one end of the interval. */
const BEYOND = 0.025;

/**
 * The median of some values with its interval: two of the values themselves, by the binomial distribution, whatever that
 * of the values is. Fewer than six values allow no such interval; theirs goes from the least to the greatest.
 */
export function sampleOf(values: readonly number[]): Sample {
  if (values.length === 0) throw new RangeError("no values, no median");
  const sorted = [...values].sort((one, other) => one - other);
  const rank = Math.max(1, rankOf(sorted.length));
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return {
    values,
    median: (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2,
    low: at(rank - 1),
    high: at(sorted.length - rank),
  };
}

/**
 * Which of the sorted values is the low end of the interval, counted from 1; 0 if there are too few. As many values as lie
 * below the true median do so by a fair coin each.
 */
function rankOf(count: number): number {
  let probability = 0.5 ** count;
  let beyond = probability;
  let rank = 0;
  while (beyond <= BEYOND) {
    rank += 1;
    probability *= (count - rank + 1) / rank;
    beyond += probability;
  }
  return rank;
}

/** The value below which a share of the values lies, of values that are sorted already. */
export function percentileOf(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no values, no percentile");
  return value;
}
