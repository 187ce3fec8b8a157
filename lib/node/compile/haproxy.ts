import type { Directive, HaproxyFile, HaproxySection } from "../../config/haproxy/model.js";
import type { Duration } from "../../core/duration.js";
import { hostPort } from "../../core/ip.js";
import { clientShare, connectionShare, listenerCount } from "../../model/connection-share.js";
import type { DnsListener } from "../../model/dns-listener.js";
import type { Frontend } from "../../model/frontend.js";
import { listenersOf } from "../../model/listener.js";
import { DEFAULT_HARD_STOP, type LoadBalancer } from "../../model/load-balancer.js";
import type { ManifestListener } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import { connectionsOf } from "../../model/node-connections.js";
import { nodePortOf } from "../../model/node-port.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { featuresOf, type NodeFeatures } from "../features.js";
import { haproxyAccess } from "./access.js";
import { haproxyBind, haproxyListener } from "./bind.js";
import { haproxyClientTimeouts, longestIdleTimeout } from "./client-timeouts.js";
import { haproxyConnectionLog } from "./connection-log.js";
import { haproxyConnectionsTable, haproxyFirstMessage, spareConnections, withLimits } from "./connections.js";
import { dotListeners, haproxyDot } from "./dot.js";
import { HANDOVER_BACKEND } from "./names.js";
import { HAPROXY_HEALTH_LISTENER, haproxyHealth } from "./node-health.js";
import { haproxyPassThrough, haproxyPassThroughPool, passThroughListeners } from "./pass-through.js";
import { haproxyPool, haproxyPools, haproxyRouting } from "./pool.js";
import { haproxyClientsTable, haproxyLocalPeer, haproxyPeers, haproxyRateLimit } from "./rate-limit.js";
import { haproxyStatistics, statisticsListeners } from "./statistics.js";
import { haproxyTls } from "./tls.js";
import { haproxyTransferPools, haproxyTransfers } from "./transfer.js";

/** HAProxy's source address for connections to dnsdist, which expects PROXY headers from this address only. */
export const HANDOVER_SOURCE = "127.0.0.2";

/** HAProxy's runtime API socket, in the node's directory for sockets. */
export const HAPROXY_SOCKET = "haproxy.sock";
/**
 * The server state file, in the same directory: after a reload, the new process reads from it which servers are down.
 */
export const HAPROXY_STATE = "haproxy-servers";

/*
 * The time until a connection is retried on the next server. After a reload HAProxy may try a dead server until its
 * probes have failed; clients then wait for about a second at most.
 */
const CONNECT_TIMEOUT = "400ms";
/* The kernel keeps twice as much for its own use. */
const RECEIVE_BUFFER = 131_072;
const SEND_BUFFER = 262_144;

/** haproxy.cfg of a node: TCP, DNS over TLS, statistics. */
export function compileHaproxy(
  loadBalancer: LoadBalancer,
  node: NodeDescription,
  profile: PlatformProfile,
): HaproxyFile {
  const { frontends, statistics, extra } = loadBalancer;
  const features = featuresOf(profile.versions);
  const nodePort = nodePortOf(loadBalancer);
  const share = connectionShare(connectionsOf(loadBalancer), listenerCount(loadBalancer));
  const limits = { share: share.sure, ...spareConnections(share), client: clientShare(share.sure) };
  const completed = (section: HaproxySection, frontend: Frontend): HaproxySection => {
    const log = haproxyConnectionLog(loadBalancer.connectionLog, frontend, profile);
    const own = withLimits({ ...section, directives: [...log, ...section.directives] }, limits);
    return withExtra(own, frontend.extra?.haproxy);
  };
  return {
    sections: [
      withExtra(global(loadBalancer, node, profile), extra?.haproxy?.global),
      withExtra(defaults(), extra?.haproxy?.defaults),
      ...haproxyConnectionsTable(share),
      ...haproxyPeers(frontends, profile),
      ...frontends.flatMap((frontend) => [
        ...haproxyClientsTable(frontend, features),
        ...listenersOf(frontend, "dns").map((listener) => completed(plainTcp(frontend, listener, features), frontend)),
        ...listenersOf(frontend, "dot").map((listener) => completed(haproxyDot(frontend, listener, profile), frontend)),
        ...listenersOf(frontend, "pass-through").map((listener) =>
          completed(haproxyPassThrough(frontend, listener, features), frontend),
        ),
      ]),
      ...haproxyPools(loadBalancer).map((pool) =>
        haproxyPool(pool, profile.paths.trustStore, serverTimeout(pool, frontends), nodePort),
      ),
      ...frontends.flatMap((frontend) =>
        listenersOf(frontend, "pass-through").map((listener) =>
          haproxyPassThroughPool(
            frontend,
            listener,
            profile.paths.trustStore,
            serverTimeout(frontend.pool, [frontend]),
            nodePort,
          ),
        ),
      ),
      ...haproxyTransferPools(loadBalancer, profile.paths.trustStore),
      handover(loadBalancer),
      ...(statistics ? haproxyStatistics(statistics, node, profile) : []),
      haproxyHealth(),
    ],
  };
}

/** A section with further directives of the user, if there are any. */
function withExtra(section: HaproxySection, extra: readonly Directive[] = []): HaproxySection {
  return extra.length === 0 ? section : { ...section, extra };
}

/** Every socket that HAProxy listens on, in the order of its configuration. */
export function haproxyListeners(loadBalancer: LoadBalancer, node: NodeDescription): ManifestListener[] {
  const { frontends, statistics } = loadBalancer;
  return [
    ...frontends.flatMap((frontend) => [
      ...listenersOf(frontend, "dns").flatMap((each) => plainListeners(frontend, each)),
      ...listenersOf(frontend, "dot").flatMap((each) => dotListeners(frontend, each)),
      ...listenersOf(frontend, "pass-through").flatMap((each) => passThroughListeners(frontend, each)),
    ]),
    ...(statistics ? statisticsListeners(statistics, node) : []),
    HAPROXY_HEALTH_LISTENER,
  ];
}

/** The pool's idle timeout, or the longest of its listeners: a shorter one would cut off their clients. */
function serverTimeout(pool: Pool, frontends: readonly Frontend[]): Duration {
  const users = frontends.filter((frontend) => frontend.pool.name === pool.name);
  return longestIdleTimeout(users, pool.idleTimeout);
}

function global(loadBalancer: LoadBalancer, { processors }: NodeDescription, profile: PlatformProfile): HaproxySection {
  const { hardStopAfter = DEFAULT_HARD_STOP, frontends } = loadBalancer;
  const { paths, log } = profile;
  const target = log === "stdout" ? ["stdout", "format", "raw", "daemon", "notice"] : ["/dev/log", "daemon", "notice"];
  return {
    kind: "global",
    directives: [
      ["default-path", "config"],
      ["log", ...target],
      ...haproxyLocalPeer(frontends, profile),
      ...haproxyTls(loadBalancer),
      ["stats", "socket", `${paths.run}/${HAPROXY_SOCKET}`, "mode", "600", "level", "admin", "expose-fd", "listeners"],
      ["server-state-file", `${paths.run}/${HAPROXY_STATE}`],
      ["maxconn", String(connectionsOf(loadBalancer))],
      // By itself, as many threads as there are processors that it may run on.
      ...(processors === undefined ? [] : [["nbthread", String(processors)] as const]),
      // A connection may hold no more of an answer than this. The kernel would take megabytes for each slow client of a
      // transfer, and tell HAProxy of a client that reads slowly only when it has read a third of them.
      ["tune.rcvbuf.server", String(RECEIVE_BUFFER)],
      ["tune.sndbuf.client", String(SEND_BUFFER)],
      ["hard-stop-after", hardStopAfter],
    ],
  };
}

function defaults(): HaproxySection {
  return {
    kind: "defaults",
    directives: [
      ["mode", "tcp"],
      ["log", "global"],
      ["option", "dontlognull"],
      // Else HAProxy writes a line for each connection, "Connect from ...", only to find that nobody logs its severity.
      ["option", "tcplog"],
      ["option", "dontlog-normal"],
      // The first message of a client goes to the server with the acknowledgement that ends the handshake.
      ["option", "tcp-smart-connect"],
      ["timeout", "connect", CONNECT_TIMEOUT],
      ["timeout", "client", "10s"],
      ["timeout", "server", "30s"],
      ["retries", "2"],
      ["option", "redispatch", "1"],
      ["load-server-state-from-file", "global"],
    ],
  };
}

function plainTcp(frontend: Frontend, listener: DnsListener, features: NodeFeatures): HaproxySection {
  return {
    kind: "frontend",
    name: listener.name,
    directives: [
      ...plainListeners(frontend, listener).map((each) => haproxyBind(each)),
      ...haproxyClientTimeouts(listener),
      ...haproxyAccess(frontend),
      ...haproxyRateLimit(frontend, features),
      ...haproxyFirstMessage(),
      ...haproxyTransfers(frontend),
      ...haproxyRouting(frontend),
    ],
  };
}

function plainListeners({ addresses }: Frontend, { port }: DnsListener): ManifestListener[] {
  return addresses.map((address) => haproxyListener(address, port));
}

function handover(loadBalancer: LoadBalancer): HaproxySection {
  return {
    kind: "backend",
    name: HANDOVER_BACKEND,
    directives: [
      ["timeout", "server", longestIdleTimeout(loadBalancer.frontends, "30s")],
      ["source", HANDOVER_SOURCE],
      ["server", "dnsdist", hostPort("127.0.0.1", nodePortOf(loadBalancer)), "send-proxy-v2"],
    ],
  };
}
