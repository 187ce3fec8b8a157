/** A share in whole percent: `"50%"`. */
export type Percentage = `${number}%`;

/** Parses a share from 1 to 100 percent; undefined if the text is none. */
export function parsePercentage(text: string): number | undefined {
  const percent = /^([1-9]\d{0,2})%$/.exec(text)?.[1];
  return percent === undefined || Number(percent) > 100 ? undefined : Number(percent);
}
