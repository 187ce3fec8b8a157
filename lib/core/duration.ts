const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time span as operators write it: `"250ms"`, `"3s"`, `"10m"`. The unit is never left out. */
export type Duration = `${number}${keyof typeof UNITS}`;

const PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Tells whether a text is a duration: whole digits and one of the units ms, s, m, h, d. */
export function isDuration(text: string): text is Duration {
  return PATTERN.test(text);
}

/** Converts a duration to milliseconds. Throws a `RangeError` if the text is no duration. */
export function toMilliseconds(duration: Duration): number {
  const match = PATTERN.exec(duration);
  if (!match) throw new RangeError(`not a duration: ${JSON.stringify(duration)}`);
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
