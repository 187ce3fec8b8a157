import type { DnsListener } from "../../lib/model/dns-listener.js";
import type { Frontend } from "../../lib/model/frontend.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { Pool } from "../../lib/model/pool.js";
import type { PoolMember } from "../../lib/model/pool-member.js";

/** Servers with addresses in a row: `servers("resolver", "192.168.1.10", 2)`. */
export function servers(name: string, first: string, count: number, port = 53): PoolMember[] {
  const at = first.lastIndexOf(".") + 1;
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}${index + 1}`,
    address: `${first.slice(0, at)}${Number(first.slice(at)) + index}`,
    port,
    weight: 1,
  }));
}

export function resolverPool(changes: Partial<Pool> = {}): Pool {
  return {
    name: "resolvers",
    role: "resolver",
    servers: servers("resolver", "192.168.1.10", 2),
    balance: { kind: "least-connections" },
    healthCheck: {
      kind: "query",
      name: "health.example.com.",
      type: "A",
      recursionDesired: true,
      interval: "1s",
      timeout: "500ms",
      fall: 2,
      rise: 1,
      expect: { rcodes: ["NOERROR"], answer: "required", authoritative: false },
    },
    whenAllDown: "try-all",
    clientAddress: "hidden",
    zones: [],
    idleTimeout: "30s",
    ...changes,
  };
}

export function authoritativePool(changes: Partial<Pool> = {}): Pool {
  const check = resolverPool().healthCheck;
  return {
    ...resolverPool(),
    name: "authoritative",
    role: "authoritative",
    servers: servers("auth", "192.168.1.20", 2),
    healthCheck: { ...check, name: "example.com.", type: "SOA", recursionDesired: false },
    zones: ["example.com."],
    ...changes,
  };
}

/** The listener that every frontend has, by the frontend's name. */
export function dnsListener(name: string, port = 53): DnsListener {
  return { kind: "dns", name, port, idleTimeout: "10s" };
}

export function frontend(changes: Partial<Frontend> = {}): Frontend {
  return {
    name: "internal",
    addresses: ["10.0.0.53"],
    pool: resolverPool(),
    tcpPath: "direct",
    allowFrom: ["10.0.0.0/8"],
    accessRules: [],
    listeners: [dnsListener(changes.name ?? "internal")],
    ...changes,
  };
}

/** One node, one frontend at its own address, two resolvers. */
export function standalone(changes: Partial<LoadBalancer> = {}): LoadBalancer {
  return {
    name: "dns",
    nodes: [{ name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" }],
    frontends: [frontend({ addresses: ["10.0.0.2"] })],
    virtualAddresses: [],
    mobility: { kind: "fixed" },
    ...changes,
  };
}

/** Two nodes that share an address. */
export function pair(changes: Partial<LoadBalancer> = {}): LoadBalancer {
  return {
    name: "dns",
    nodes: [
      { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" },
      { name: "lb2", addresses: ["10.0.0.3"], interface: "eth0" },
    ],
    frontends: [frontend()],
    virtualAddresses: [{ address: "10.0.0.53", interface: "eth0" }],
    mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "200ms", ttlSecurity: true },
    ...changes,
  };
}
