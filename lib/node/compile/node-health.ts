import { call, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { HaproxySection } from "../../config/haproxy/model.js";
import { hostCidr, hostPort } from "../../core/ip.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
import type { ReadyCheck } from "../../model/node-spec.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { allOf, from, REFUSE, rule, to } from "./dnsdist-terms.js";
import { ALIVE_NAME, dnsdistPool, HEALTH, poolAliveName } from "./names.js";

/*
 * How a node's daemons tell the agent that they work, on loopback, never through a virtual address and never depending
 * on the servers behind; and how dnsdist tells of those, to its own node and to the other one.
 */

/** The path that HAProxy answers on its port for checks while it lives. */
export const ALIVE_PATH = "/alive";

const LOOPBACK = "127.0.0.1";

/** HAProxy's port for checks. */
export function haproxyHealth(): HaproxySection {
  return {
    kind: "frontend",
    name: HEALTH,
    directives: [
      ["mode", "http"],
      ["bind", hostPort(LOOPBACK, LOOPBACK_PORTS.haproxyHealth)],
      ["timeout", "client", "2s"],
      ["http-request", "return", "status", "200", "if", "{", "path", ALIVE_PATH, "}"],
      ["http-request", "return", "status", "404"],
    ],
  };
}

/* RFC 6891, section 9: options of 65001 and above are for local use. */
const FIRST_OPTION = 65_001;

/** The EDNS option with which the other node asks a pool's servers through this one. */
export function poolOption(index: number): number {
  return FIRST_OPTION + index;
}

/**
 * dnsdist's answers to checks: one name that always answers, and one for each pool while the pool has a server of its
 * own; the latter also to the other node, whose check asks which of the two can do better. For proof it may send
 * the pool's probe to the servers through this node.
 */
export function dnsdistHealth(loadBalancer: LoadBalancer, node: LoadBalancerNode): DnsdistRule[] {
  const here = to([LOOPBACK]);
  const nodes = loadBalancer.nodes.flatMap(({ addresses }) => addresses);
  const others = nodes.filter((address) => !node.addresses.includes(address));
  const pools = primaryPools(loadBalancer);
  const answer = call("SpoofAction", LOOPBACK);
  return [
    rule("node: alive", allOf(here, call("QNameRule", ALIVE_NAME)), answer),
    ...pools.map((pool) =>
      rule(
        `node: ${pool.name} has servers`,
        allOf(
          to([LOOPBACK, ...node.addresses]),
          from([LOOPBACK, ...nodes].map(hostCidr)),
          call("QNameRule", poolAliveName(pool)),
          call("PoolAvailableRule", dnsdistPool(pool, "udp")),
        ),
        answer,
      ),
    ),
    ...(loadBalancer.nodes.length > 1 ? pools : []).map((pool, index) =>
      rule(
        `node: servers of ${pool.name}, asked by the other node`,
        // The pool's own probe and nothing else: no other rule looks at these queries.
        allOf(
          to(node.addresses),
          from(others.map(hostCidr)),
          call("EDNSOptionRule", poolOption(index)),
          call("QNameRule", pool.healthCheck.name),
          call("QTypeRule", pool.healthCheck.type),
        ),
        call("PoolAction", dnsdistPool(pool, "udp")),
      ),
    ),
    rule("node: other names", here, REFUSE),
  ];
}

/** What must answer before a release counts as live. */
export function readyChecks(): ReadyCheck[] {
  return [
    { kind: "dns", service: "dnsdist", port: DNS_PORT, name: ALIVE_NAME },
    { kind: "http", service: "haproxy", port: LOOPBACK_PORTS.haproxyHealth, path: ALIVE_PATH },
  ];
}

/** The pools that frontends send to, each once; fallbacks are no sign of a node's health. */
export function primaryPools({ frontends }: LoadBalancer): Pool[] {
  return [...new Map(frontends.map(({ pool }) => [pool.name, pool])).values()];
}
