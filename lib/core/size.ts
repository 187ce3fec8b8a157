const UNITS = { k: 1_024, m: 1_048_576, g: 1_073_741_824 } as const;

/** An amount of memory as operators write it: `"64m"`, `"1g"`. The unit is never left out. */
export type Size = `${number}${keyof typeof UNITS}`;

const PATTERN = /^(\d{1,9})([kmg])$/;

/** Tells whether a text is a size: whole digits and one of the units k, m, g. */
export function isSize(text: string): text is Size {
  return PATTERN.test(text);
}

/** Converts a size to bytes. Throws a `RangeError` if the text is no size. */
export function toBytes(size: Size): number {
  const match = PATTERN.exec(size);
  if (!match) throw new RangeError(`not a size: ${JSON.stringify(size)}`);
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
