import type { Sample } from "./statistics.js";

/** What a figure counts. */
export type Unit = "queries/s" | "connections/s" | "sessions/s" | "s" | "MiB" | "% of a core";

/** A figure of one subject. */
export interface Figure extends Sample {
  /** The part, what was done there, and the subject: `udp/shipped`, `latency/p99/dnsdist`. */
  readonly name: string;
  /** In words, for tables and pictures. */
  readonly title: string;
  readonly unit: Unit;
}

/** How many times as much the one subject gave as the other, pair by pair of adjacent runs. */
export interface Ratio extends Sample {
  /** The part, what was done there, and both subjects: `udp/shipped:dnsdist`. */
  readonly name: string;
  /** In words: `shipped / dnsdist`. */
  readonly title: string;
}

/** What a part of the bench has measured. */
export interface Results {
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
}

/** Puts results together. */
export function together(all: readonly Results[]): Results {
  return { figures: all.flatMap(({ figures }) => figures), ratios: all.flatMap(({ ratios }) => ratios) };
}
