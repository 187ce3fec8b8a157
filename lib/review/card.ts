/** A thing of the picture. */
export interface Card {
  /** Unique in the picture. */
  readonly id: string;
  readonly kind: "clients" | "frontend" | "pool" | "node" | "addresses" | "more";
  readonly title: string;
  readonly lines: readonly Line[];
}

/** A line of a card. */
export interface Line {
  readonly text: string;
  readonly style: "plain" | "quiet" | "server" | Engine;
}

/** The daemon that passes queries or connections on. */
export type Engine = "dnsdist" | "haproxy";

/** A way of queries from one card to another. */
export interface Way {
  readonly from: string;
  /** The line from which it leaves; absent for the title. */
  readonly line?: number;
  readonly to: string;
  readonly kind: "asks" | Engine | "fallback";
}

/** Lines that say more of what a card is. */
export function quiet(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ text, style: "quiet" }));
}

/** Lines that name what is there. */
export function plain(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ text, style: "plain" }));
}

/** Networks, addresses, routes, or interfaces that a card lists. */
export const MOST_ITEMS = 6;
