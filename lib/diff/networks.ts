import { cidrWithin, coverOf } from "../core/ip.js";
import { isEverybody } from "../review/words.js";
import { code, codes } from "./markdown.js";

/** The networks of a list that are told. */
const MOST = 12;

/** Networks of clients in words. */
export function networksText(networks: readonly string[]): string {
  return isEverybody(networks) ? "everybody" : codes(networks, MOST);
}

/** Some networks in words. */
export interface Outside {
  readonly text: string;
  readonly networks: readonly string[];
}

/** The networks of which others do not hold all, each with the parts that these do hold. */
export function outside(networks: readonly string[], others: readonly string[]): readonly Outside[] {
  const known = new Set(others);
  const isCovered = coverOf(others);
  const found = networks.filter((network) => !known.has(network) && !isCovered(network));
  const rest = found.slice(MOST);
  const more = rest.length > 0 ? [{ text: `${rest.length} more networks`, networks: rest }] : [];
  const texts = found.slice(0, MOST).map((network) => {
    const inside = others.filter((other) => cidrWithin(other, network));
    const text = inside.length === 0 ? code(network) : `${code(network)} but for ${codes(inside, MOST)}`;
    return { text, networks: [network] };
  });
  return [...texts, ...more];
}
