import type { Value } from "../plan.js";
import type { Draw } from "./draw.js";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration between two others, in milliseconds, and a multiple of a step, in one of the units that can say it. */
export function duration(draw: Draw, minimum: number, maximum: number, step = 1): string {
  const most = draw.chance(70) ? Math.min(maximum, 60_000) : maximum;
  const value =
    draw.whole(Math.ceil(minimum / step), Math.max(Math.floor(most / step), Math.ceil(minimum / step))) * step;
  const units = (Object.keys(UNITS) as (keyof typeof UNITS)[]).filter(
    (unit) => value % UNITS[unit] === 0 && value / UNITS[unit] < 1e9,
  );
  const unit = draw.pick(units as [keyof typeof UNITS, ...(keyof typeof UNITS)[]]);
  return `${value / UNITS[unit]}${unit}`;
}

/** A duration of whole seconds. */
export function seconds(draw: Draw, minimum: number, maximum: number): string {
  return duration(draw, minimum * 1_000, maximum * 1_000, 1_000);
}

/** A domain name in many spellings. */
export function domain(draw: Draw): string {
  const labels = draw.list(1, 3, () =>
    draw.pick(["example", "Corp", "xn--nxasmq6b", "a", "_tcp", "0-9", "x".repeat(63), "internal", "z_z"]),
  );
  const top = draw.pick(["test", "example", "COM", "lan"]);
  return `${[...labels, `n${draw.next()}`, top].join(".")}${draw.pick(["", "."])}`;
}

/** The id of a construct in many spellings, each different in daemons too. */
export function id(draw: Draw, word: string): string {
  const number = draw.next();
  return draw.pick([
    `${word}${number}`,
    `${word}-${number}`,
    `my${word}X${number}`,
    `${word}DNS${number}`,
    `${word}.${number}`,
  ]);
}

/** A name of a server or a user. */
export function plainName(draw: Draw, word: string): string {
  const number = draw.next();
  return draw.pick([
    `${word}${number}`,
    `${word}-${number}`,
    `${word}_${number}`,
    `${word.toUpperCase()}${number}`,
    `${word}${number}${"x".repeat(40)}`,
  ]);
}

/** The address of a server that no other has, IPv4 more often than IPv6, in many spellings. */
export function serverAddress(draw: Draw): string {
  const number = draw.next();
  const [high, low] = [number >> 8, number & 255];
  if (draw.chance(75)) return `192.168.${high}.${low}`;
  return draw.pick([
    `2001:db8::${number.toString(16)}`,
    `2001:DB8:0:0::${number.toString(16)}`,
    `fd99::${number.toString(16)}:1`,
  ]);
}

/** Networks of clients inside of those that servers of the app let in. */
export const INSIDE = ["10.0.0.0/8", "fd00::/8", "192.168.0.0/16"] as const;

/** Networks of clients. */
export function clients(draw: Draw): string[] {
  return draw.several(["10.0.0.0/8", "192.168.0.0/16", "fd00::/8", "10.64.0.0/10", "192.168.7.7/32", "fd00:7::/32"]);
}

/** Networks of any kind, such as those to refuse. */
export function networks(draw: Draw): string[] {
  return draw.several(["198.51.100.0/24", "203.0.113.7/32", "2001:db8:bad::/48", "224.0.0.0/4", "10.66.0.0/16"]);
}

export function port(draw: Draw): number {
  return draw.pick([53, 1053, 5353, 5300, 65_535, 853, 8_053]);
}

/** An amount of memory. */
export function size(draw: Draw): string {
  return draw.pick(["1g", "2g", "1536m", "4g", "1048576k", "128g"]);
}

/** What a node lets users set of its load: no more than the machine has that judges it. */
export function knobs(draw: Draw): Record<string, () => Value> {
  return { processors: () => 1, maxConnections: () => draw.pick([1_000, 5_000, 8_000]) };
}

export const whole = (draw: Draw, minimum: number, maximum: number): Value => draw.whole(minimum, maximum);
