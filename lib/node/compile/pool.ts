import {
  call,
  type DnsdistCache,
  type DnsdistPool,
  type DnsdistRule,
  type DnsdistServer,
  type DnsdistServerOptions,
  type LuaCall,
} from "../../config/dnsdist/model.js";
import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import { hostPort } from "../../core/ip.js";
import type { Balance } from "../../model/balance.js";
import { EXTENDED_ERRORS } from "../../model/extended-error.js";
import type { Frontend } from "../../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { SecretFile } from "../../model/node-spec.js";
import { balanceOf, minimumUpOf, type Pool, zoneServers } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";
import type { ServerNames } from "../daemons/daemon.js";
import type { NodeFeatures } from "../features.js";
import { allOf, over, REFUSE, rule, SERVFAIL, whileUp, withReason } from "./dnsdist-terms.js";
import { dnsdistPool, HANDOVER_BACKEND, servesName, stalePool, transferPool, verdictName } from "./names.js";
import { dnsdistJudge, dnsdistProbe, haproxyProbe, haproxyProbeTiming } from "./probe.js";
import type { Branch } from "./route.js";
import { ringFactor, ringIds } from "./source-hash.js";

/*
 * A pool in HAProxy and dnsdist. HAProxy has it if TCP takes the direct path. dnsdist always has it twice, with servers
 * queried and probed over UDP and over TCP, so that a server that fails on one transport still serves the other.
 */

const HAPROXY_BALANCE = {
  "least-connections": ["leastconn"],
  "round-robin": ["roundrobin"],
  random: ["random"],
  "source-hash": ["source"],
  first: ["first"],
} as const satisfies Record<Balance["kind"], readonly string[]>;

/** Queries in flight on one TCP connection; by default dnsdist handles one at a time. */
export const QUERIES_IN_FLIGHT = 100;

const DNSDIST_POLICY = {
  "least-connections": "leastOutstanding",
  "round-robin": "roundRobin",
  random: "wrandom",
  "source-hash": "sourceHash",
  first: "firstAvailable",
} as const satisfies Record<Balance["kind"], DnsdistPool["policy"]>;

/** The pools that HAProxy balances itself: those of frontends with the direct TCP path. */
export function haproxyPools(loadBalancer: LoadBalancer): Pool[] {
  const direct = loadBalancer.frontends.filter(({ tcpPath }) => tcpPath === "direct").map(({ pool }) => pool.name);
  return poolsOf(loadBalancer).filter(({ name }) => direct.includes(name));
}

/** The names of a pool's servers in HAProxy, by backend. */
export function haproxyServerNames(loadBalancer: LoadBalancer, pool: Pool): ServerNames {
  const backends = haproxyPools(loadBalancer).filter(({ name }) => name === pool.name);
  return (server) => Object.fromEntries(backends.map(({ name }) => [name, `${name}/${server.name}`]));
}

/** The ids of a pool's servers in dnsdist, by transport; over TLS, one server serves both. */
export function dnsdistServerNames(pool: Pool): ServerNames {
  return (server) => ({
    udp: serverId(pool, server, "udp"),
    ...(server.tls ? {} : { tcp: serverId(pool, server, "tcp") }),
  });
}

/** The secret files of a pool, by their path in the release. */
export function poolSecretFiles(pool: Pool): SecretFile[] {
  return pool.trust === undefined ? [] : [{ path: trustPath(pool), source: pool.trust }];
}

/** The file with the authorities of servers over TLS: the pool's own, or `trustStore`, that of the node. */
export function trustFile(pool: Pool, trustStore: string, release = ""): string {
  return pool.trust === undefined ? trustStore : `${release}${trustPath(pool)}`;
}

function trustPath({ name }: Pool): string {
  return `secrets/pools/${name}.pem`;
}

/**
 * HAProxy's backend for a pool. `trustStore` is the file with the certificate authorities of the node, `idleTimeout` the
 * timeout of idle connections to servers.
 */
export function haproxyPool(pool: Pool, trustStore: string, idleTimeout: Duration, nodePort: number): HaproxySection {
  const server = (each: PoolMember) => haproxyServer(pool, each, trustStore);
  return haproxyBackend({ name: pool.name, pool, idleTimeout, nodePort, server });
}

/** What a backend is made of. */
export interface BackendOptions {
  readonly name: string;
  readonly pool: Pool;
  /** The timeout of idle connections to servers. */
  readonly idleTimeout: Duration;
  /** The port of dnsdist on the node's loopback address. */
  readonly nodePort: number;
  /** The `server` directive. */
  readonly server: (server: PoolMember) => Directive;
}

/** HAProxy's backend that balances over the servers of a pool by their probes. */
export function haproxyBackend({ name, pool, idleTimeout, nodePort, server }: BackendOptions): HaproxySection {
  const proxy = pool.clientAddress === "proxy-protocol" ? ["send-proxy-v2"] : [];
  const timing = haproxyProbeTiming(pool.healthCheck);
  const { kind } = balanceOf(pool, "tcp");
  return {
    kind: "backend",
    name,
    directives: [
      ["balance", ...HAPROXY_BALANCE[kind]],
      // HAProxy adds up the words of an address, so that without "avalanche" neighbours would share a server.
      ...(kind === "source-hash" ? [["hash-type", "consistent", "sdbm", "avalanche"] as const] : []),
      // Includes the TLS handshake, possibly with remote servers.
      ...(pool.servers.some(({ tls }) => tls !== undefined) ? [["timeout", "connect", "1s"] as const] : []),
      ["timeout", "server", idleTimeout],
      ...haproxyProbe(pool, nodePort),
      ["default-server", "check", ...timing, ...proxy, "on-marked-down", "shutdown-sessions"],
      ...serverLines(pool, server),
    ],
  };
}

function serverLines(pool: Pool, server: (server: PoolMember) => Directive): Directive[] {
  const { servers } = pool;
  if (balanceOf(pool, "tcp").kind !== "source-hash") return servers.map(server);
  const [ids, factor] = [ringIds(servers), ringFactor(servers)];
  return servers.map((each) => [
    ...server({ ...each, weight: each.weight * factor }),
    ...["id", String(ids.get(each.name))],
  ]);
}

/** HAProxy's `server` directive. */
export function haproxyServer(
  pool: Pool,
  { name, address, port, weight, tls }: PoolMember,
  trustStore: string,
): Directive {
  return [
    ...(["server", name, hostPort(address, port), "weight", String(weight)] as const),
    // Paths are relative to the folder of haproxy.cfg.
    ...(tls ? haproxyTls(tls.name, trustFile(pool, trustStore, "../")) : []),
  ];
}

/* The flags of a first message that is a NOTIFY or an UPDATE: opcodes 4 and 5, and no answer, give this digit. */
const IS_WRITE = ["req.payload(4,1),hex", "-m", "beg", "2"] as const;

/**
 * The backend for the connections of a frontend: dnsdist if TCP is inspected, too few servers of the pool are up, or
 * the first message is one that dnsdist has to judge.
 */
export function haproxyRouting({ pool, tcpPath }: Frontend): Directive[] {
  return tcpPath === "inspected"
    ? [["default_backend", HANDOVER_BACKEND]]
    : [
        ["use_backend", HANDOVER_BACKEND, "if", "{", ...IS_WRITE, "}"],
        ["use_backend", HANDOVER_BACKEND, "if", "{", `nbsrv(${pool.name})`, ...tooFew(pool), "}"],
        ["default_backend", pool.name],
      ];
}

function tooFew(pool: Pool): string[] {
  const minimum = minimumUpOf(pool);
  return minimum === 1 ? ["eq", "0"] : ["lt", String(minimum)];
}

const TRANSPORTS = ["udp", "tcp"] as const;
type Transport = (typeof TRANSPORTS)[number];

/** A pool's servers in dnsdist; `trustStore` is the file with the certificate authorities of the node. */
export function dnsdistServers(pool: Pool, trustStore: string): DnsdistServer[] {
  const plain = TRANSPORTS.map((transport) => plainServers(pool, transport));
  const overTls = tlsServers(pool, trustFile(pool, trustStore));
  return pool.servers.flatMap((server, index) =>
    server.tls ? [overTls(server, server.tls, index)] : plain.map((make) => make(server, index)),
  );
}

/**
 * A pool's pools in dnsdist: for each transport one that uses the servers that are up, and one that uses all; `verdicts` is
 * the file with the verdicts of scripts.
 */
export function dnsdistPools(pool: Pool, verdicts: string): DnsdistPool[] {
  return TRANSPORTS.flatMap((transport): DnsdistPool[] => [
    {
      name: dnsdistPool(pool, transport),
      policy: DNSDIST_POLICY[balanceOf(pool, transport).kind],
      ...cacheOf(pool),
      ...(pool.healthCheck.kind !== "external" && pool.servers.every(({ tls }) => tls)
        ? {}
        : { judge: dnsdistJudge(pool.healthCheck, verdicts) }),
    },
    { name: dnsdistPool(pool, transport, "all"), policy: "sendAnyway", ...cacheOf(pool) },
    ...(pool.cache?.serveStale
      ? // A policy of dnsdist 1.7's own, which alone can do without a server.
        [{ name: stalePool(pool, transport), policy: "wrandom", ...cacheOf(pool) } as const]
      : []),
    ...zoneServers(pool).map(
      (_, place): DnsdistPool => ({ name: transferPool(pool, transport, place), policy: "sendAnyway" }),
    ),
  ]);
}

/** The cache that all of a pool's pools in dnsdist share; what came over UDP and over TCP has places of its own in it. */
function cacheOf({ name, cache }: Pool): { readonly cache?: DnsdistCache } {
  if (cache === undefined) return {};
  const seconds = (duration: Duration) => Math.ceil(toMilliseconds(duration) / 1_000);
  const { entries, maximumTtl, minimumTtl, serveStale } = cache;
  return {
    cache: { name, entries, maximumTtl: seconds(maximumTtl), minimumTtl: seconds(minimumTtl), stale: serveStale },
  };
}

/** dnsdist's rules that send the queries of a branch to its pool, while that serves. */
export function dnsdistRouting(branch: Branch): DnsdistRule[] {
  return TRANSPORTS.map((transport) => toPool(branch, branch.pool, transport));
}

/**
 * dnsdist's rules for the queries of a branch whose pool does not serve: they go to servers that are up all the same, or to
 * the fallback; for what is left, `whenAllDown` holds.
 */
export function dnsdistAlternatives(branch: Branch, { extendedErrors }: NodeFeatures): DnsdistRule[] {
  const { pool, here } = branch;
  return TRANSPORTS.flatMap((transport) => {
    const name = `${titleOf(branch, transport)} when all is down`;
    const selector = allOf(here, over(transport));
    return [
      ...toAllOf(branch, pool, transport),
      ...(pool.fallback === undefined
        ? []
        : [toPool(branch, pool.fallback, transport), ...toAllOf(branch, pool.fallback, transport)]),
      ...(extendedErrors && hasReason(pool) ? [rule(`${name}, reason`, selector, NO_SERVER)] : []),
      rule(name, selector, lastResort(pool, transport)),
    ];
  });
}

function toPool(branch: Branch, pool: Pool, transport: Transport): DnsdistRule {
  const target = dnsdistPool(pool, transport);
  return rule(
    `${titleOf(branch, transport)} to ${pool.name}`,
    whileUp(target, minimumUpOf(pool), whileAvailable(branch, pool, transport)),
    call("PoolAction", target),
  );
}

/** The rule that tries all servers of a pool of which some are up, but too few. */
function toAllOf(branch: Branch, pool: Pool, transport: Transport): DnsdistRule[] {
  if (minimumUpOf(pool) === 1 || pool.belowMinHealthy !== "try-all") return [];
  return [
    rule(
      `${titleOf(branch, transport)} to all of ${pool.name}`,
      whileAvailable(branch, pool, transport),
      call("PoolAction", dnsdistPool(pool, transport, "all")),
    ),
  ];
}

function whileAvailable({ here }: Branch, pool: Pool, transport: Transport): LuaCall {
  return allOf(here, over(transport), call("PoolAvailableRule", dnsdistPool(pool, transport)));
}

function titleOf({ name }: Branch, transport: Transport): string {
  return `${name}: ${transport.toUpperCase()}`;
}

const NO_SERVER = withReason(EXTENDED_ERRORS["no-reachable-authority"]);

/** Whether what comes last says that no server is there; an answer from the cache must not. */
function hasReason({ whenAllDown, cache }: Pool): boolean {
  return whenAllDown !== "try-all" && !cache?.serveStale;
}

function lastResort(pool: Pool, transport: Transport) {
  // dnsdist answers SERVFAIL for a pool without servers.
  if (pool.cache?.serveStale) return call("PoolAction", stalePool(pool, transport));
  switch (pool.whenAllDown) {
    case "try-all":
      return call("PoolAction", dnsdistPool(pool, transport, "all"));
    case "refuse":
      return REFUSE;
    case "servfail":
      return SERVFAIL;
  }
}

/** Makes the servers of a pool over one transport, from what all of them have in common. */
function plainServers(pool: Pool, transport: Transport): (server: PoolMember, index: number) => DnsdistServer {
  const poolsOfServer = serverPools(pool, [transport]);
  const settings = {
    ...commonSettings(pool, false),
    ...(transport === "tcp" ? { tcpOnly: true, checkTCP: true, maxInFlight: QUERIES_IN_FLIGHT } : {}),
    ...(pool.clientAddress === "proxy-protocol" ? { useProxyProtocol: true } : {}),
  };
  return (server, index) => ({
    id: serverId(pool, server, transport),
    pools: poolsOfServer(server),
    ...verdictOf(pool, server, transport === "tcp"),
    options: optionsOf(pool, server, index, transport, settings),
  });
}

/** Makes the servers of a pool over TLS, which serve both transports; `caStore` is the file with their authorities. */
function tlsServers(
  pool: Pool,
  caStore: string,
): (server: PoolMember, tls: { readonly name: string }, index: number) => DnsdistServer {
  const poolsOfServer = serverPools(pool, TRANSPORTS);
  const settings = {
    ...commonSettings(pool, true),
    ...({ tls: "openssl", validateCertificates: true, maxInFlight: QUERIES_IN_FLIGHT } as const),
  };
  return (server, { name }, index) => ({
    id: serverId(pool, server, "udp"),
    pools: poolsOfServer(server),
    ...verdictOf(pool, server, true),
    options: optionsOf(pool, server, index, "udp", { ...settings, subjectName: name, caStore }),
  });
}

/** The pools in dnsdist of each server of a pool, by transport: those of all servers, and of servers for transfers. */
function serverPools(pool: Pool, transports: readonly Transport[]): (server: PoolMember) => readonly string[] {
  const places = new Map(zoneServers(pool).map((name, place) => [name, place]));
  const poolsAt = (place: number | undefined) =>
    transports.flatMap((transport) => [
      ...[dnsdistPool(pool, transport), dnsdistPool(pool, transport, "all")],
      ...(place === undefined ? [] : [transferPool(pool, transport, place)]),
    ]);
  const poolsOfOthers = poolsAt(undefined);
  return ({ name }) => (places.has(name) ? poolsAt(places.get(name)) : poolsOfOthers);
}

/** By whose verdict a server serves, and the name by which HAProxy, which is for TCP, asks for it. */
function verdictOf(pool: Pool, server: PoolMember, isAsked: boolean): Pick<DnsdistServer, "verdict"> {
  if (pool.healthCheck.kind !== "external") return {};
  const of = verdictName(pool, server);
  return { verdict: { of, ...(isAsked ? { asked: servesName(pool, server) } : {}) } };
}

function serverId(pool: Pool, server: PoolMember, transport: Transport): string {
  return `${dnsdistPool(pool, transport)}/${server.name}`;
}

function haproxyTls(name: string, trustStore: string): string[] {
  return [
    ...["ssl", "verify", "required", "ca-file", trustStore, "verifyhost", name, "sni", `str(${name})`, "alpn", "dot"],
    ...["check-ssl", "check-sni", name, "check-alpn", "dot"],
  ];
}

/** The options of a server: its own, and those that it has in common with others. */
function optionsOf(
  pool: Pool,
  server: PoolMember,
  index: number,
  transport: Transport,
  settings: Omit<DnsdistServerOptions, "address">,
): DnsdistServerOptions {
  // Not from a spread of its own properties: V8 takes ten times as long, and as much memory, to add many to a copy.
  return {
    // Must be unique: metrics and logs identify servers by name.
    name: serverId(pool, server, transport),
    address: hostPort(server.address, server.port),
    weight: server.weight,
    // dnsdist sorts a pool by it, where servers that a change adds would come last.
    ...(balanceOf(pool, transport).kind === "first" ? { order: index + 1 } : {}),
    ...settings,
  };
}

/** The options that all servers of a pool have, over TLS or without. */
function commonSettings({ healthCheck, idleTimeout }: Pool, overTls: boolean) {
  return {
    ...dnsdistProbe(healthCheck, !overTls),
    tcpConnectTimeout: 1,
    tcpRecvTimeout: Math.max(1, Math.ceil(toMilliseconds(idleTimeout) / 1_000)),
  };
}
