import { call, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { HaproxySection } from "../../config/haproxy/model.js";
import { hostCidr } from "../../core/ip.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { DnsCheck, HttpCheck } from "../../model/manifest.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import type { BalancerWork } from "../work.js";
import { haproxyBind } from "./bind.js";
import { allOf, from, REFUSE, rule, to } from "./dnsdist-terms.js";
import { listener } from "./listener.js";
import { ALIVE_NAME, dnsdistPool, HEALTH, poolAliveName } from "./names.js";
import { peerProofConditions } from "./probe.js";

/*
 * How a node's daemons tell the agent that they work, on loopback, never through a virtual address and never depending
 * on the servers behind; and how dnsdist tells of those, to its own node and to its peers.
 */

/** The path that HAProxy answers on its port for checks while it lives. */
const ALIVE_PATH = "/alive";

const LOOPBACK = "127.0.0.1";

/** HAProxy's socket for checks. */
export const HAPROXY_HEALTH_LISTENER = listener("tcp", LOOPBACK, LOOPBACK_PORTS.haproxyHealth, {
  foreign: false,
  shared: true,
});

/** HAProxy's port for checks. */
export function haproxyHealth(): HaproxySection {
  return {
    kind: "frontend",
    name: HEALTH,
    directives: [
      ["mode", "http"],
      haproxyBind(HAPROXY_HEALTH_LISTENER),
      ["timeout", "client", "2s"],
      ["http-request", "return", "status", "200", "if", "{", "path", ALIVE_PATH, "}"],
      ["http-request", "return", "status", "404"],
    ],
  };
}

/* RFC 6891, section 9: options of 65001 and above are for local use. */
const FIRST_OPTION = 65_001;

/** The EDNS option with which a peer asks a pool's servers through this one. */
export function poolOption(index: number): number {
  return FIRST_OPTION + index;
}

/**
 * dnsdist's answers to checks: one name that always answers, and one for each pool while the pool has a server of its
 * own; the latter also to its peers, whose checks ask which of the nodes can do better. For proof they may send the
 * pool's probe to the servers through this node.
 */
export function dnsdistHealth({ loadBalancer, node, peers }: BalancerWork): DnsdistRule[] {
  const here = to([LOOPBACK]);
  const nodes = loadBalancer.nodes.flatMap(({ addresses }) => addresses);
  const others = peers.flatMap(({ addresses }) => addresses);
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
    ...(others.length > 0 ? pools : []).map((pool, index) =>
      rule(
        `node: servers of ${pool.name}, asked by the other node`,
        // The pool's own probe and nothing else: no other rule looks at these queries.
        allOf(
          to(node.addresses),
          from(others.map(hostCidr)),
          ...peerProofConditions(pool.healthCheck, poolOption(index)),
        ),
        call("PoolAction", dnsdistPool(pool, "udp")),
      ),
    ),
    rule("node: other names", here, REFUSE),
  ];
}

/** Passes while dnsdist answers. */
export function dnsdistAlive(): DnsCheck {
  return ownAnswer(ALIVE_NAME);
}

/** Passes while dnsdist knows a live server of a pool. */
export function poolAlive(pool: Pool): DnsCheck {
  return ownAnswer(poolAliveName(pool));
}

/** Passes while HAProxy answers. */
export function haproxyAlive(): HttpCheck {
  return { kind: "http", service: "haproxy", port: LOOPBACK_PORTS.haproxyHealth, path: ALIVE_PATH };
}

function ownAnswer(name: string): DnsCheck {
  return { kind: "dns", service: "dnsdist", port: DNS_PORT, name, address: LOOPBACK, proxyProtocol: false };
}

/** The pools that frontends send to, each once; fallbacks are no sign of a node's health. */
export function primaryPools({ frontends }: LoadBalancer): Pool[] {
  return [...new Map(frontends.map(({ pool }) => [pool.name, pool])).values()];
}
