import { call, type DnsdistListeners, type DnsdistPolicy, list, record } from "../../config/dnsdist/model.js";
import { familyOf, hostPort } from "../../core/ip.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import { type LoadBalancer, type LoadBalancerNode, poolsOf } from "../../model/load-balancer.js";
import { LOOPBACK_PORTS, type PlatformProfile } from "../../model/platform-profile.js";
import { dnsdistAccess } from "./access.js";
import { DROP, rule } from "./dnsdist-terms.js";
import { HANDOVER_SOURCE } from "./haproxy.js";
import { dnsdistHealth } from "./node-health.js";
import { dnsdistPools, dnsdistRouting, dnsdistServers, QUERIES_IN_FLIGHT } from "./pool.js";
import { dnsdistRateLimit } from "./rate-limit.js";
import { dnsdistRecursion, dnsdistZoneOperations } from "./zone-operations.js";

/** dnsdist's listeners: the wildcard, so that HAProxy's exact addresses take TCP; nothing in it changes with the listeners. */
export function compileDnsdistListeners(node: LoadBalancerNode, { paths }: PlatformProfile): DnsdistListeners {
  const listener = record({ reusePort: true, maxInFlight: QUERIES_IN_FLIGHT });
  const speaksIpv6 = node.addresses.some((address) => familyOf(address) === "ipv6");
  return {
    keyFile: `${paths.run}/dnsdist.key`,
    calls: [
      call("setLocal", hostPort("0.0.0.0", DNS_PORT), listener),
      ...(speaksIpv6 ? [call("addLocal", hostPort("::", DNS_PORT), listener)] : []),
      // Of the whole process; the policy's rules decide for each frontend.
      call("setACL", list("0.0.0.0/0", "::/0")),
      call("setProxyProtocolACL", list(`${HANDOVER_SOURCE}/32`)),
      call("controlSocket", hostPort("127.0.0.1", LOOPBACK_PORTS.dnsdistConsole)),
      call("webserver", hostPort("127.0.0.1", LOOPBACK_PORTS.dnsdistWeb)),
      call("setWebserverConfig", record({ acl: "127.0.0.1/32", statsRequireAuthentication: false })),
      call("setSecurityPollSuffix", ""),
      call("setTCPRecvTimeout", 30),
      // Answers that one server may owe; dnsdist's default of 65535 takes 21 MB for each server and transport.
      call("setMaxUDPOutstanding", 10_000),
    ],
  };
}

/** dnsdist's policy: servers, pools and rules of all frontends; what no frontend expects is dropped. */
export function compileDnsdistPolicy(
  loadBalancer: LoadBalancer,
  node: LoadBalancerNode,
  { paths }: PlatformProfile,
): DnsdistPolicy {
  const pools = poolsOf(loadBalancer);
  return {
    servers: pools.flatMap((pool) => dnsdistServers(pool, paths.trustStore)),
    pools: pools.flatMap(dnsdistPools),
    rules: [
      ...dnsdistHealth(loadBalancer, node),
      ...loadBalancer.frontends.flatMap((frontend) => [
        ...dnsdistAccess(frontend),
        ...dnsdistRecursion(frontend),
        ...dnsdistZoneOperations(frontend),
        ...dnsdistRateLimit(frontend),
        ...dnsdistRouting(frontend),
      ]),
      rule("everything else", call("AllRule"), DROP),
    ],
  };
}
