import { createHash } from "node:crypto";
import type { PoolMember } from "../../model/pool-member.js";

/*
 * Servers on HAProxy's ring, which `balance source` with `hash-type consistent` looks up. A server has 16 points there for
 * each unit of its weight, and their places follow from its `id`, of which HAProxy 2.6 uses the lowest 20 bits. Without an
 * `id` they would follow from its position, so that a server removed or moved would move the clients of others.
 */
const IDS = 2 ** 20;

/** The largest weight of a pool whose servers get 256 points for each unit, for more even shares; others get 16. */
const SMALL_WEIGHT = 16;

/** Ids for the servers of a pool, by name. They follow from the names, whatever their order. */
export function ringIds(servers: readonly PoolMember[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of servers.map(({ name }) => name).sort()) {
    let id = createHash("sha256").update(name).digest().readUInt32BE() % IDS;
    while (id === 0 || taken.has(id)) id = (id + 1) % IDS;
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}

/**
 * What each weight of a pool is multiplied by. In two steps alone: another factor gives all servers other points, and
 * moves clients of all.
 */
export function ringFactor(servers: readonly PoolMember[]): number {
  return servers.every(({ weight }) => weight <= SMALL_WEIGHT) ? 16 : 1;
}
