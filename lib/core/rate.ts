import { type Duration, isDuration, toMilliseconds } from "./duration.js";
import { isSize, type Size, toBytes } from "./size.js";

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
  const period = periodOf(span);
  if (rest.length > 0 || !/^[1-9]\d{0,8}$/.test(events) || period === undefined) return undefined;
  return { events: Number(events), period, text: text as Rate };
}

/** Bytes per time span as operators write it: `"10m/10s"` is 10 MiB in 10 seconds. */
export type ByteRate = `${Size}/${Duration}` | `${Size}/${"s" | "m" | "h"}`;

/** A parsed rate of bytes. */
export interface ParsedByteRate {
  readonly bytes: number;
  /** Milliseconds. */
  readonly period: number;
  /** As it was written. */
  readonly text: ByteRate;
}

/** Parses a rate of bytes; undefined if the text is none. */
export function parseByteRate(text: string): ParsedByteRate | undefined {
  const [amount = "", span = "", ...rest] = text.split("/");
  const period = periodOf(span);
  if (rest.length > 0 || !isSize(amount) || toBytes(amount) === 0 || period === undefined) return undefined;
  return { bytes: toBytes(amount), period, text: text as ByteRate };
}

/** The milliseconds of a time span, with or without a number; undefined if it is none. */
function periodOf(span: string): number | undefined {
  const period = /^[smh]$/.test(span) ? `1${span}` : span;
  return isDuration(period) && toMilliseconds(period) > 0 ? toMilliseconds(period) : undefined;
}

/** The events of a rate in a second. */
export function perSecond({ events, period }: ParsedRate): number {
  return (events * 1_000) / period;
}
