import { type Pool, zoneServers } from "../model/pool.js";
import { type Card, type Line, MOST_ITEMS, quiet } from "./card.js";
import { firstOf, shortened, wrapped } from "./text-width.js";
import { balanceText, cacheText, judgementText, probeText, serverText, whenDownText } from "./words.js";

/** Servers that the card of a pool lists. */
const MOST_SERVERS = 12;

/** The card of a pool, with its servers. */
export function poolCard(pool: Pool): Card {
  const { healthCheck, role, servers, cache, zones, zoneTransfer, clientAddress } = pool;
  const transferring = zoneServers(pool);
  return {
    id: poolId(pool),
    kind: "pool",
    title: pool.name,
    lines: [
      ...quiet([
        `${role === "resolver" ? "resolvers" : "authoritative"}, ${balanceText(pool)}`,
        ...wrapped(
          firstOf(
            zones.map((zone) => shortened(zone)),
            MOST_ITEMS,
          ),
        ).map((text, index) => (index === 0 ? `serves ${text}` : text)),
        probeText(healthCheck),
        judgementText(healthCheck),
        ...(clientAddress === "hidden" ? [] : ["sees clients by PROXY headers"]),
        ...(cache === undefined ? [] : [cacheText(cache)]),
        ...(zoneTransfer === undefined
          ? []
          : [`transfers from ${transferring[0] ?? ""} for ${firstOf(zoneTransfer.allowFrom, 2).join(", ")}`]),
        ...wrapped(whenDownText(pool).split(", ")),
      ]),
      ...firstOf(servers.map(serverText), MOST_SERVERS).map((text): Line => ({ text, style: "server" })),
    ],
  };
}

/** The id of the card of a pool. */
export function poolId({ name }: Pick<Pool, "name">): string {
  return `pool:${name}`;
}
