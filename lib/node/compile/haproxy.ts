import type { HaproxyFile, HaproxySection } from "../../config/haproxy/model.js";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import { hostPort } from "../../core/ip.js";
import { DNS_PORT, type DnsListener } from "../../model/dns-listener.js";
import type { Frontend } from "../../model/frontend.js";
import { listenersOf } from "../../model/listener.js";
import { type LoadBalancer, type LoadBalancerNode, poolsOf } from "../../model/load-balancer.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { haproxyAccess } from "./access.js";
import { haproxyBind } from "./bind.js";
import { haproxyDot } from "./dot.js";
import { HANDOVER_BACKEND } from "./names.js";
import { haproxyHealth } from "./node-health.js";
import { haproxyPool, haproxyRouting } from "./pool.js";
import { haproxyClientsTable, haproxyRateLimit } from "./rate-limit.js";
import { haproxyStatistics } from "./statistics.js";

/** The loopback address from which HAProxy talks to dnsdist, which expects PROXY protocol from there alone. */
export const HANDOVER_SOURCE = "127.0.0.2";

/* Two descriptors a connection must fit the limits that containers commonly have. */
const MAXIMUM_CONNECTIONS = 8_000;
/*
 * After so long a server that refuses or ignores a connection is left for the next one. A dead server is tried after each
 * reload, until its checks have failed anew, and clients wait hardly longer than a second.
 */
const CONNECT_TIMEOUT = "400ms";
/* For checks and statistics, whatever clients do. */
const RESERVED_CONNECTIONS = 200;

/** haproxy.cfg of a node: TCP, DNS over TLS, statistics. */
export function compileHaproxy(
  loadBalancer: LoadBalancer,
  node: LoadBalancerNode,
  profile: PlatformProfile,
): HaproxyFile {
  const { frontends, statistics } = loadBalancer;
  const listeners = frontends.reduce((sum, frontend) => sum + frontend.listeners.length, 0);
  const share = Math.floor((MAXIMUM_CONNECTIONS - RESERVED_CONNECTIONS) / Math.max(1, listeners));
  const direct = new Set(frontends.filter(({ tcpPath }) => tcpPath === "direct").map(({ pool }) => pool.name));
  return {
    sections: [
      global(profile),
      defaults(),
      ...frontends.flatMap((frontend) => [
        ...haproxyClientsTable(frontend),
        ...listenersOf(frontend, "dns").map((listener) => withShare(plainTcp(frontend, listener), share)),
        ...listenersOf(frontend, "dot").map((listener) => withShare(haproxyDot(frontend, listener), share)),
      ]),
      ...poolsOf(loadBalancer)
        .filter(({ name }) => direct.has(name))
        .map((pool) => haproxyPool(pool, profile.paths.trustStore, serverTimeout(pool, frontends))),
      handover(),
      ...(statistics ? haproxyStatistics(statistics, node) : []),
      haproxyHealth(),
    ],
  };
}

/** A listener's share of all connections, so that a flood on one leaves the others and the checks alone. */
function withShare(section: HaproxySection, share: number): HaproxySection {
  return { ...section, directives: [["maxconn", String(share)], ...section.directives] };
}

/** No shorter than what any listener grants its clients, or that would be cut short. */
function serverTimeout(pool: Pool, frontends: readonly Frontend[]): Duration {
  const users = frontends.filter((frontend) => frontend.pool.name === pool.name);
  const granted = users.flatMap(({ listeners }) => listeners.map(({ idleTimeout }) => idleTimeout));
  return granted.reduce((a, b) => (toMilliseconds(b) > toMilliseconds(a) ? b : a), pool.idleTimeout);
}

function global({ paths, log }: PlatformProfile): HaproxySection {
  const target = log === "stdout" ? ["stdout", "format", "raw", "daemon", "notice"] : ["/dev/log", "daemon", "notice"];
  return {
    kind: "global",
    directives: [
      ["default-path", "config"],
      ["log", ...target],
      ["stats", "socket", `${paths.run}/haproxy.sock`, "mode", "600", "level", "admin", "expose-fd", "listeners"],
      ["server-state-file", `${paths.run}/haproxy-servers`],
      ["maxconn", String(MAXIMUM_CONNECTIONS)],
      // Long enough for idle clients of a replaced process to leave by themselves.
      ["hard-stop-after", "10m"],
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
      ["timeout", "connect", CONNECT_TIMEOUT],
      ["timeout", "client", "10s"],
      ["timeout", "server", "30s"],
      ["retries", "2"],
      ["option", "redispatch", "1"],
      ["load-server-state-from-file", "global"],
    ],
  };
}

function plainTcp(frontend: Frontend, listener: DnsListener): HaproxySection {
  return {
    kind: "frontend",
    name: listener.name,
    directives: [
      ...frontend.addresses.map((address) => haproxyBind(address, listener.port)),
      ["timeout", "client", listener.idleTimeout],
      ...haproxyAccess(frontend),
      ...haproxyRateLimit(frontend),
      ...haproxyRouting(frontend),
    ],
  };
}

function handover(): HaproxySection {
  return {
    kind: "backend",
    name: HANDOVER_BACKEND,
    directives: [
      ["source", HANDOVER_SOURCE],
      ["server", "dnsdist", hostPort("127.0.0.1", DNS_PORT), "send-proxy-v2"],
    ],
  };
}
