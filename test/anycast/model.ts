import type { Duration } from "../../lib/core/duration.js";
import type { DotListener } from "../../lib/model/dot-listener.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { Pool } from "../../lib/model/pool.js";
import { dnsListener, frontend, pair, resolverPool, servers } from "../lab/models.js";

/** What the group announces. */
export const ADDRESS = { ipv4: "203.0.113.53", ipv6: "2001:db8:113::53" } as const;
/** The nodes and the routers, whose addresses end in their number; those of nodes in 10 more. */
export const NODES = ["node1", "node2", "node3"] as const;
export const ROUTERS = ["router1", "router2"] as const;
/** Both systems, and the networks of the nodes and their routers. */
export const ASN = { nodes: 64_512, routers: 64_500 } as const;
export const NETWORK = { ipv4: "10.9.0.", ipv6: "fd09::" } as const;

export const TLS_NAME = "dns.example.com";
export const CERTIFICATE = "certs/dns.example.com.pem";
export const PASSWORD = "secrets/routers";
/** Every server answers this name with its own. */
export const WHOAMI = "whoami.dns-lb.test";
export const SERVERS = ["resolver1", "resolver2"] as const;

/** What sites differ in. */
export interface SiteOptions {
  /** How often packets of BFD are sent, of which two may be lost. @default "300ms" */
  readonly bfd?: Duration;
}

/** Servers that are probed quickly, so that nobody waits long for a verdict. */
const POOL: Pool = resolverPool({ servers: servers("resolver", "192.168.1.10", SERVERS.length) });

const DOT: DotListener = {
  ...{ kind: "dot", name: "dot", port: 853, minimumTlsVersion: "1.2", idleTimeout: "10s" },
  certificate: { kind: "local-file", path: CERTIFICATE },
};

const FRONTEND = frontend({
  ...{ name: "subscribers", addresses: Object.values(ADDRESS), pool: POOL },
  allowFrom: ["100.64.0.0/10", "2001:db8:1000::/36"],
  listeners: [dnsListener("subscribers"), DOT],
});

/** A group of three nodes behind two routers. */
export function group({ bfd = "300ms" }: SiteOptions = {}): LoadBalancer {
  const routers = ROUTERS.flatMap((_, index) => [`${NETWORK.ipv4}${index + 1}`, `${NETWORK.ipv6}${index + 1}`]);
  return {
    name: "dns",
    nodes: NODES.map((name, index) => ({
      ...{ name, interface: "eth0" },
      addresses: [`${NETWORK.ipv4}${11 + index}`, `${NETWORK.ipv6}${11 + index}`],
    })),
    frontends: [FRONTEND],
    virtualAddresses: [],
    mobility: {
      ...{ kind: "bgp", asn: ASN.nodes, addresses: Object.values(ADDRESS), defaultRoute: "bgp" },
      members: NODES.map((node) => ({
        ...{ node, communities: [] },
        neighbors: routers.map((address) => ({
          ...{ address, asn: ASN.routers, bfd: { interval: bfd, multiplier: 3 } },
          password: { kind: "local-file", path: PASSWORD },
        })),
      })),
      whenSick: { daemon: "withdraw", pool: "prepend" },
      // Events come one soon after the other, which would be damped.
      ...{ returnAfter: "3s", gracefulShutdown: "5s", damping: { moves: 100, within: "1m" } },
    },
  };
}

/** The pair that serves the same addresses before. */
export function pairBefore(): LoadBalancer {
  return pair({
    name: "before",
    nodes: [
      { name: "lb1", addresses: ["10.0.0.2", "fd53::2"], interface: "eth0" },
      { name: "lb2", addresses: ["10.0.0.3", "fd53::3"], interface: "eth0" },
    ],
    frontends: [FRONTEND],
    virtualAddresses: Object.values(ADDRESS).map((address) => ({ address, interface: "eth0" })),
  });
}
