import { createHash } from "node:crypto";
import type { Frontend } from "../../model/frontend.js";
import type { PassThroughListener } from "../../model/pass-through-listener.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";

/*
 * Names in the daemons' configurations. Names from users hold letters, digits, `-` and `_` only, so that names with a
 * colon or a dot cannot collide with them.
 */

/** The HAProxy backend that passes connections to the node's dnsdist. */
export const HANDOVER_BACKEND = "dnsdist:tcp";
/** The HAProxy backend for dnsdist's metrics. */
export const METRICS_BACKEND = "dnsdist:metrics";
/** The HAProxy backend for the metrics of the node, which its agent tells. */
export const AGENT_BACKEND = "agent:metrics";
/** The HAProxy frontend that serves statistics and metrics. */
export const STATISTICS = "statistics:node";
/** The HAProxy stick table of the clients of the statistics. */
export const STATISTICS_CLIENTS = "statistics:clients";
/** The HAProxy stick table that counts the connections of all listeners, under one key. */
export const CONNECTIONS = "connections:node";
/** The HAProxy frontend that answers the health checks of the node. */
export const HEALTH = "health:node";

/** HAProxy's section of peers, with itself alone. */
export const PEERS = "clients:node";
/** HAProxy's own name among its peers. */
export const LOCAL_PEER = "node";

/** The HAProxy stick table of a frontend's clients. */
export function clientsTable(frontend: Frontend): string {
  return `${frontend.name}:clients`;
}

/** The HAProxy stick table with the bytes that the clients of a frontend got in the last second. */
export function clientsBytesTable(frontend: Frontend): string {
  return `${frontend.name}:client-bytes`;
}

/** The dnsdist pool with a pool's servers for UDP or for TCP; `all` for the pool that ignores their health. */
export function dnsdistPool(pool: Pool, transport: "udp" | "tcp", servers: "up" | "all" = "up"): string {
  return `${pool.name}${transport === "tcp" ? ":tcp" : ""}${servers === "all" ? ":all" : ""}`;
}

/** The dnsdist pool without servers that answers from a pool's cache alone, with what has expired, too. */
export function stalePool(pool: Pool, transport: "udp" | "tcp"): string {
  return `${dnsdistPool(pool, transport)}:stale`;
}

/**
 * The HAProxy backend with the servers for zone transfers, and the dnsdist pools with each of them alone, for NOTIFY and
 * UPDATE, too. `place` is that of the server among them.
 */
export function transferPool(pool: Pool, transport: "udp" | "tcp" = "tcp", place = 0): string {
  return `${pool.name}:transfer${place === 0 ? "" : `:${place + 1}`}${transport === "udp" ? ":udp" : ""}`;
}

/** The HAProxy backend for a listener that passes TLS on to the servers. */
export function passThroughBackend({ name }: PassThroughListener): string {
  return `${name}:tls`;
}

/** The name that dnsdist itself answers, for health checks. */
export const ALIVE_NAME = "alive.dns-lb.invalid.";
/** The zone that unbound and NSD answer for health checks; holds a name for the release. */
export const ALIVE_ZONE = ALIVE_NAME;

/** The labels after the digest of a server's name, in the name that dnsdist answers while the server serves. */
export function servesZone({ name }: Pool): readonly string[] {
  return [name.toLowerCase(), "serves", "dns-lb", "invalid"];
}

/** The name that dnsdist answers while a server serves that a script judges; names of servers differ in case. */
export function servesName(pool: Pool, { name }: PoolMember): string {
  return `${[createHash("sha1").update(name).digest("hex"), ...servesZone(pool)].join(".")}.`;
}

/** A server in the file with the verdicts of scripts. */
export function verdictName(pool: Pool, { name }: PoolMember): string {
  return `${pool.name}/${name}`;
}

/** The name of a pool's check in keepalived and in the agent. */
export function poolCheck({ name }: Pool): string {
  return `pool-${name}`;
}

/** The name that dnsdist answers while a pool has a live server; its fallback does not count. */
export function poolAliveName(pool: Pool): string {
  return `${pool.name.toLowerCase()}.pool.dns-lb.invalid.`;
}
