import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import type { IssuedCertificate } from "../../../lib/testing/index.js";
import type { Machine } from "../machine.js";
import type { Subject } from "./subject.js";

/** How a dnsdist is tuned by hand. */
export interface DnsdistTuning {
  /** Addresses, or addresses and ports. */
  readonly servers: readonly string[];
  readonly processors: number;
  readonly certificate: IssuedCertificate;
  /** How many answers it caches. */
  readonly cache?: number;
  /** Its policy of its own. @default "roundrobin" */
  readonly policy?: "roundrobin" | "chashed";
}

/**
 * Starts dnsdist with a configuration that a person would write who wants speed: a listener for each processor on one
 * address, several sockets to each server, dnsdist's own round robin, as many threads for TCP as processors.
 */
export function dnsdistByHand(machine: Machine, tuning: DnsdistTuning): Subject {
  const config = machine.write("dnsdist.conf", dnsdistConf(machine.address, tuning));
  machine.start("dnsdist", ["dnsdist", "--supervised", "--disable-syslog", "-C", config]);
  const place = { address: machine.address, port: DNS_PORT, namespace: machine.namespace };
  return tuning.cache === undefined
    ? { name: "dnsdist", title: "dnsdist tuned by hand", ...place }
    : { name: "dnsdist-cache", title: "dnsdist tuned by hand, with a cache", ...place };
}

/** The configuration of dnsdist by hand. */
export function dnsdistConf(address: string, tuning: DnsdistTuning): string {
  const { servers, processors, certificate, cache, policy = "roundrobin" } = tuning;
  const times = Array.from({ length: processors }, () => 0);
  const { certificate: chain, key } = certificate;
  return [
    ...times.map(() => `addLocal("${address}:${DNS_PORT}", { reusePort = true })`),
    `addTLSLocal("${address}:853", "${chain}", "${key}", { provider = "openssl", minTLSVersion = "tls1.2" })`,
    'setACL({ "0.0.0.0/0" })',
    'setSecurityPollSuffix("")',
    `setMaxTCPClientThreads(${processors})`,
    // Its count of waiting connections, 1,000 at most unless told otherwise, drops some where clients connect for each query.
    "setMaxTCPQueuedConnections(0)",
    "setMaxUDPOutstanding(65535)",
    `setServerPolicy(${policy})`,
    ...servers.map(
      (server) =>
        `newServer({ address = "${withPort(server)}", sockets = ${processors}, checkName = "example.com.", checkType = "SOA", checkInterval = 2, maxInFlight = 100 })`,
    ),
    ...(cache === undefined ? [] : [`getPool(""):setCache(newPacketCache(${cache}))`]),
    "",
  ].join("\n");
}

function withPort(server: string): string {
  return server.includes(":") ? server : `${server}:${DNS_PORT}`;
}
