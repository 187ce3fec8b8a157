import { type Duration, isDuration, toMilliseconds } from "./duration.js";

/** Events per time span as operators write it: `"100/10s"`, `"5/s"`. */
export type Rate = `${number}/${Duration}` | `${number}/${"s" | "m" | "h"}`;

/** A parsed rate. */
export interface ParsedRate {
  readonly events: number;
  /** Milliseconds. */
  readonly period: number;
  /** As it was written. */
  readonly text: Rate;
}

/** Parses a rate; undefined if the text is none. */
export function parseRate(text: string): ParsedRate | undefined {
  const [events = "", span = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^[1-9]\d{0,8}$/.test(events)) return undefined;
  const period = /^[smh]$/.test(span) ? `1${span}` : span;
  if (!isDuration(period) || toMilliseconds(period) === 0) return undefined;
  return { events: Number(events), period: toMilliseconds(period), text: text as Rate };
}
