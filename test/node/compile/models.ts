import type { DnsListener } from "../../../lib/model/dns-listener.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { DEBIAN_12, type PlatformProfile } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";

/** A base for tests of the compiler; each test states only its difference from it. */
export const PROFILE: PlatformProfile = {
  name: "lab",
  versions: DEBIAN_12,
  paths: { state: "/state", run: "/run/dns-lb", agent: "/agent", trustStore: "/trust.pem" },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  keepsAddresses: true,
  log: "stdout",
};

export const POOL: Pool = {
  name: "resolvers",
  role: "resolver",
  servers: [
    { name: "r1", address: "192.0.2.1", port: 53, weight: 1 },
    { name: "r2", address: "2001:db8::2", port: 5353, weight: 3 },
  ],
  balance: { kind: "least-connections" },
  healthCheck: {
    kind: "query",
    name: "health.example.",
    type: "A",
    recursionDesired: true,
    interval: "2s",
    timeout: "500ms",
    fall: 3,
    rise: 2,
    expect: { rcodes: ["NOERROR"], answer: "required", authoritative: false },
  },
  whenAllDown: "try-all",
  clientAddress: "hidden",
  zones: [],
  idleTimeout: "10s",
};

export const FALLBACK: Pool = {
  ...POOL,
  name: "public",
  servers: [{ name: "quad9", address: "9.9.9.9", port: 853, weight: 1, tls: { name: "dns.quad9.net" } }],
};

/** The listener that every frontend has, by the frontend's name. */
export function dnsListener(name: string, port = 53): DnsListener {
  return { kind: "dns", name, port, idleTimeout: "10s" };
}

export const FRONTEND: Frontend = {
  name: "internal",
  addresses: ["10.0.0.53"],
  pool: POOL,
  tcpPath: "direct",
  allowFrom: ["10.0.0.0/8"],
  accessRules: [],
  listeners: [dnsListener("internal")],
};

export const PAIR: LoadBalancer = {
  name: "dns",
  nodes: [
    { name: "lb1", addresses: ["10.0.0.2", "fd53::2"], interface: "eth0" },
    { name: "lb2", addresses: ["10.0.0.3", "fd53::3"], interface: "eth0" },
  ],
  frontends: [FRONTEND],
  virtualAddresses: [
    { address: "10.0.0.53", interface: "eth0" },
    { address: "fd53::53", interface: "eth0" },
    { address: "203.0.113.53", interface: "eth1", gateway: "203.0.113.1" },
  ],
  mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "200ms" },
};
