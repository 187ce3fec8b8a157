import type { Frontend } from "../../model/frontend.js";
import type { Pool } from "../../model/pool.js";

/*
 * Names that the daemons' configurations share. What users name holds letters, digits, `-` and `_` only, so a colon
 * or a dot keeps our own names apart from theirs.
 */

/** The HAProxy backend that hands connections to the node's dnsdist. */
export const HANDOVER_BACKEND = "dnsdist:tcp";
/** The HAProxy backend in front of dnsdist's metrics. */
export const METRICS_BACKEND = "dnsdist:metrics";
/** The HAProxy section that shows statistics and metrics, and its list of users. */
export const STATISTICS = "statistics:node";
/** The HAProxy frontend that tells keepalived and the agent that HAProxy works. */
export const HEALTH = "health:node";

/** The HAProxy table that counts a frontend's clients. */
export function clientsTable(frontend: Frontend): string {
  return `${frontend.name}:clients`;
}

/** A dnsdist pool: its servers for UDP or for TCP, those that are up or all of them. */
export function dnsdistPool(pool: Pool, transport: "udp" | "tcp", servers: "up" | "all" = "up"): string {
  return `${pool.name}${transport === "tcp" ? ":tcp" : ""}${servers === "all" ? ":all" : ""}`;
}

/** The dnsdist pool that holds the one server to which zone transfers go. */
export function transferPool(pool: Pool): string {
  return `${pool.name}:transfer`;
}

/** The name that dnsdist answers itself while it lives. */
export const ALIVE_NAME = "alive.dns-lb.invalid.";
/** The zone in which unbound and NSD answer for a name of their release, and by whose own name they are watched. */
export const ALIVE_ZONE = ALIVE_NAME;

/** What keepalived and operators call the check of a pool. */
export function poolCheck({ name }: Pool): string {
  return `pool-${name}`;
}

/** The name that dnsdist answers while a pool has a live server of its own. */
export function poolAliveName(pool: Pool): string {
  return `${pool.name.toLowerCase()}.pool.dns-lb.invalid.`;
}
