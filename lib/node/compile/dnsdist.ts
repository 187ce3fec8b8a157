import { call, type DnsdistListeners, type DnsdistPolicy, list, record } from "../../config/dnsdist/model.js";
import { toMilliseconds } from "../../core/duration.js";
import { familyOf, hostPort } from "../../core/ip.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { ManifestListener } from "../../model/manifest.js";
import { outstandingQueriesOf } from "../../model/memory.js";
import { type NodeDescription, ownAddressesOf } from "../../model/node.js";
import { connectionsOf } from "../../model/node-connections.js";
import { dnsPortsOf, nodePortOf } from "../../model/node-port.js";
import { LONGEST_STALE } from "../../model/packet-cache.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import type { BalancerWork } from "../work.js";
import { longestIdleTimeout } from "./client-timeouts.js";
import { dnsdistRules } from "./dnsdist-rules.js";
import { HANDOVER_SOURCE } from "./haproxy.js";
import { bothListeners, listener } from "./listener.js";
import { ALIVE_NAME } from "./names.js";
import { dnsdistPools, dnsdistServers, QUERIES_IN_FLIGHT } from "./pool.js";
import { RESULTS, VERDICTS } from "./watch.js";

const LOOPBACK = "127.0.0.1";

/** The file with the key of dnsdist's console, in the node's directory for sockets. */
export const DNSDIST_KEY = "dnsdist.key";
/** The address and port of dnsdist's console. */
export const DNSDIST_CONSOLE = hostPort(LOOPBACK, LOOPBACK_PORTS.dnsdistConsole);

/*
 * The TCP connections of each wildcard, over all of its listeners: they come while HAProxy is away, and from anybody to
 * an address that is no frontend's, before a rule can drop them.
 */
const WILDCARD_CONNECTIONS = 256;
/*
 * How long a client may be idle, in seconds. HAProxy ends connections at the `idleTimeout` of their listener, dnsdist
 * must not do so before; in few steps, because another value restarts dnsdist.
 */
const RECEIVE_TIMEOUTS = [30, 120, 600, 3_600] as const;
/*
 * How long a client may read nothing of its answers, in seconds: HAProxy ends such connections sooner. dnsdist's default
 * of 2 would cut transfers.
 */
const SEND_TIMEOUT = 600;
/*
 * Bytes of queries that wait, on each UDP listener, while dnsdist gets no processor time. The kernel's default holds 256
 * queries, 0.85 s of 300 a second. The kernel grants `net.core.rmem_max` at most, and counts twice of it, so that 512 wait
 * where a host has left that as it is.
 */
const UDP_RECEIVE_BUFFER = 1_048_576;

/**
 * dnsdist.conf, which depends on no more of the frontends than their ports: wildcard listeners, of which HAProxy's exact
 * binds get the TCP, and one for the connections that HAProxy hands over, so that nobody else can take their places.
 */
export function compileDnsdistListeners({ loadBalancer, node, profile }: BalancerWork): DnsdistListeners {
  const { maximumConnectionAge, extra } = loadBalancer;
  const nodePort = nodePortOf(loadBalancer);
  const options = (maxConcurrentTCPConnections: number) =>
    record({ reusePort: true, maxInFlight: QUERIES_IN_FLIGHT, maxConcurrentTCPConnections });
  return {
    keyFile: `${profile.paths.run}/${DNSDIST_KEY}`,
    calls: [
      ...wildcards(loadBalancer, node).map(({ address, port }) =>
        call("addLocals", hostPort(address, port), options(WILDCARD_CONNECTIONS)),
      ),
      call("addLocal", hostPort(LOOPBACK, nodePort), options(connectionsOf(loadBalancer))),
      // Process-wide; the policy's rules restrict access for each frontend.
      call("setACL", list("0.0.0.0/0", "::/0")),
      call("setProxyProtocolACL", list(`${HANDOVER_SOURCE}/32`)),
      call("controlSocket", DNSDIST_CONSOLE),
      call("webserver", hostPort(LOOPBACK, LOOPBACK_PORTS.dnsdistWeb)),
      call("setWebserverConfig", record({ acl: "127.0.0.1/32", statsRequireAuthentication: false })),
      call("setSecurityPollSuffix", ""),
      call("setTCPRecvTimeout", receiveTimeout(loadBalancer)),
      call("setTCPSendTimeout", SEND_TIMEOUT),
      // No limit besides those of the listeners: with several of them, the count of dnsdist 1.7 falls below zero now and
      // then, which is above any limit, and it drops connections (https://github.com/PowerDNS/pdns/issues/12357).
      call("setMaxTCPQueuedConnections", 0),
      // 0 leaves the send buffer as it is.
      call("setUDPSocketBufferSizes", UDP_RECEIVE_BUFFER, 0),
      ...(maximumConnectionAge === undefined
        ? []
        : [call("setMaxTCPConnectionDuration", toMilliseconds(maximumConnectionAge) / 1_000)]),
      // For the pools that have a cache and no servers.
      call("setServFailWhenNoServer", true),
      call("setStaleCacheEntriesTTL", LONGEST_STALE),
      call("setMaxUDPOutstanding", outstandingQueriesOf(loadBalancer)),
      call("newServer", healthCheckSentinel(nodePort)),
    ],
    ...(extra?.dnsdist === undefined ? {} : { extra: extra.dnsdist }),
  };
}

/*
 * dnsdist itself, as a server that no query reaches: the first of its list, and probed in every round. dnsdist's thread of
 * health checks reads its list of servers anew when it meets the first server of a round whose probe is due; where a change
 * has replaced the list since the round began, it goes on in memory that is free. dnsdist 1.9 was seen to end of it, 1.7
 * has the same lines. So the first server that is due must be the first of all.
 */
function healthCheckSentinel(port: number) {
  return record({
    ...{ name: "dnslb:rounds", pool: "dnslb:rounds", address: hostPort(LOOPBACK, port), order: 0 },
    // Without UDP it has no places for queries without an answer, which would be looked through first.
    ...{ tcpOnly: true, checkTCP: true, checkInterval: 1, checkName: ALIVE_NAME, checkType: "A" },
  });
}

function receiveTimeout({ frontends }: LoadBalancer): number {
  const inspected = frontends.filter(({ tcpPath }) => tcpPath === "inspected");
  const seconds = toMilliseconds(longestIdleTimeout(inspected, "1s")) / 1_000;
  return RECEIVE_TIMEOUTS.find((step) => step >= seconds) ?? Math.ceil(seconds);
}

/** Every socket that dnsdist listens on. */
export function dnsdistListeners(loadBalancer: LoadBalancer, node: NodeDescription): ManifestListener[] {
  const own = { address: LOOPBACK, port: nodePortOf(loadBalancer) };
  return [
    // dnsdist always binds with IP_FREEBIND.
    ...wildcards(loadBalancer, node).flatMap(({ address, port }) =>
      bothListeners(address, port, { foreign: true, shared: true, sockets: node.processors ?? "one-per-processor" }),
    ),
    ...bothListeners(own.address, own.port, { foreign: true, shared: true }),
    ...[LOOPBACK_PORTS.dnsdistConsole, LOOPBACK_PORTS.dnsdistWeb].map((port) =>
      listener("tcp", LOOPBACK, port, { foreign: false, shared: false }),
    ),
  ];
}

function wildcards(loadBalancer: LoadBalancer, node: NodeDescription): { address: string; port: number }[] {
  const hasIpv6 = ownAddressesOf(node).some((address) => familyOf(address) === "ipv6");
  const addresses = ["0.0.0.0", ...(hasIpv6 ? ["::"] : [])];
  return dnsPortsOf(loadBalancer).flatMap((port) => addresses.map((address) => ({ address, port })));
}

/** dnsdist's policy: servers, pools and rules of all frontends; queries to no frontend are dropped. */
export function compileDnsdistPolicy(work: BalancerWork): DnsdistPolicy {
  const { loadBalancer, profile } = work;
  const pools = poolsOf(loadBalancer);
  return {
    servers: pools.flatMap((pool) => dnsdistServers(pool, profile.paths.trustStore)),
    pools: pools.flatMap((pool) => dnsdistPools(pool, `${profile.paths.run}/${RESULTS}/${VERDICTS}`)),
    rules: dnsdistRules(work),
  };
}
