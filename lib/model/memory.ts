import { DEFAULT_OUTSTANDING_QUERIES, type LoadBalancer, poolsOf } from "./load-balancer.js";
import { DEFAULT_CONNECTIONS } from "./node.js";

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** The bytes that a node uses beside its servers: daemons and agent, with 8,000 TCP connections, while a change is checked. */
const DAEMONS = 192 * MIB;
/**
 * The bytes of each connection beyond these, over TLS and inspected, which costs most. An idle one takes 19 kB of HAProxy 2.6
 * and 27 kB of 3.0, without TLS 3 kB, whatever `tune.bufsize` is: HAProxy has buffers for what is on its way alone. dnsdist
 * takes 6 kB, the kernel 2.5 to 5 kB for each of its sockets.
 */
const CONNECTION = 48 * KIB;
/**
 * The bytes of a server in dnsdist. Over UDP it has a thread, and a place for each query without an answer, of 320 bytes
 * in dnsdist 1.7 and of 408 in 1.9; over TLS, a copy of the trust store.
 */
const SERVER = { udp: 96 * KIB, tcp: 16 * KIB, tls: MIB };
const OUTSTANDING_QUERY = 416;
/**
 * The bytes of an answer in a cache of dnsdist, which takes those of up to 4,096: small ones need 300, but a client may ask for
 * what is large.
 */
const CACHE_ENTRY = 5 * KIB;
/**
 * How often a server is there while a change replaces it: as it was when dnsdist started, which dnsdist keeps, as it is,
 * and as it will be.
 */
const GENERATIONS = 3;
/** The share of its memory that a node may be expected to use. */
const USABLE = 0.7;
/** The steps in which memory is asked for. */
const STEP = 512 * MIB;

/** How many servers a load balancer has, once for each pool. */
export function serverCount(loadBalancer: LoadBalancer): number {
  return poolsOf(loadBalancer).reduce((sum, { servers }) => sum + servers.length, 0);
}

/** The bytes that dnsdist uses for the servers of a load balancer, each once. */
export function serverMemory(loadBalancer: LoadBalancer, outstandingQueries = outstandingQueriesOf(loadBalancer)) {
  const plain = SERVER.udp + outstandingQueries * OUTSTANDING_QUERY + SERVER.tcp;
  const servers = poolsOf(loadBalancer).flatMap((pool) => pool.servers);
  return servers.reduce((sum, { tls }) => sum + (tls === undefined ? plain : SERVER.tls), 0);
}

/** What the need of memory depends on beside the model. */
export interface Demand {
  /** The TCP and TLS connections of the node. */
  readonly connections: number;
  /** @default - those of the load balancer */
  readonly outstandingQueries?: number;
}

/** The most bytes that a node uses for a load balancer: while a change replaces all servers. */
export function memoryNeed(loadBalancer: LoadBalancer, { connections, outstandingQueries }: Demand): number {
  const servers = GENERATIONS * serverMemory(loadBalancer, outstandingQueries);
  return DAEMONS + connectionMemory(connections) + servers + cacheMemory(loadBalancer);
}

/** The bytes of the connections of a node that daemons do not have room for anyhow. */
export function connectionMemory(connections: number): number {
  return Math.max(0, connections - DEFAULT_CONNECTIONS) * CONNECTION;
}

/** The most connections with which a memory is enough for a load balancer, in thousands; 0 if none are few enough. */
export function connectionsWithin(memory: number, loadBalancer: LoadBalancer): number {
  const spare = memory * USABLE - memoryNeed(loadBalancer, { connections: 0 });
  return spare < 0 ? 0 : Math.floor((DEFAULT_CONNECTIONS + spare / CONNECTION) / 1_000) * 1_000;
}

/** The bytes of the caches of a load balancer, when they are full. */
export function cacheMemory(loadBalancer: LoadBalancer): number {
  return poolsOf(loadBalancer).reduce((sum, { cache }) => sum + (cache?.entries ?? 0) * CACHE_ENTRY, 0);
}

/** Whether a need is within the share of a node's memory that it may be expected to use. */
export function isEnough(memory: number, need: number): boolean {
  return need <= memory * USABLE;
}

/** The memory that a node must have for a need, in steps of 512 MiB. */
export function memoryFor(need: number): number {
  return Math.ceil(need / USABLE / STEP) * STEP;
}

/** The most outstanding queries with which a memory is enough for a load balancer, in hundreds; 0 if none are few enough. */
export function outstandingQueriesWithin(memory: number, loadBalancer: LoadBalancer, connections: number): number {
  const least = memoryNeed(loadBalancer, { connections, outstandingQueries: 0 });
  const each = memoryNeed(loadBalancer, { connections, outstandingQueries: 1 }) - least;
  return each === 0 ? 0 : Math.max(0, Math.floor((memory * USABLE - least) / each / 100) * 100);
}

/** The outstanding queries of a load balancer. */
export function outstandingQueriesOf({ outstandingQueries = DEFAULT_OUTSTANDING_QUERIES }: LoadBalancer): number {
  return outstandingQueries;
}
