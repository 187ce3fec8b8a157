import { type Card, MOST_ITEMS, plain } from "./card.js";
import type { FrontendGroup } from "./frontend-cards.js";
import { firstOf } from "./text-width.js";
import { isEverybody } from "./words.js";

/** The card of some clients. */
export interface ClientCard {
  readonly card: Card;
  /** The cards of the frontends that they ask. */
  readonly asked: readonly string[];
}

/** The clients of frontends; frontends that serve the same clients share a card of them. */
export function clientCards(groups: readonly FrontendGroup[]): readonly ClientCard[] {
  const byClients = new Map<string, FrontendGroup[]>();
  for (const group of groups) {
    const key = [...group.first.allowFrom].sort().join();
    const found = byClients.get(key);
    if (found === undefined) byClients.set(key, [group]);
    else found.push(group);
  }
  return [...byClients.values()].map((asking, index) => {
    const networks = asking[0]?.first.allowFrom ?? [];
    const card: Card = { id: `clients:${index}`, kind: "clients", ...clientsText(networks) };
    return { card, asked: asking.map((group) => group.card.id) };
  });
}

function clientsText(networks: readonly string[]): Pick<Card, "title" | "lines"> {
  if (isEverybody(networks)) return { title: "Everybody", lines: [] };
  return { title: "Clients in", lines: plain(firstOf(networks, MOST_ITEMS)) };
}
