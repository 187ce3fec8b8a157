import { call, constant, type DnsdistRule, type LuaCall } from "../../config/dnsdist/model.js";
import type { HaproxySection } from "../../config/haproxy/model.js";
import { hostCidr } from "../../core/ip.js";
import { HEALTH_CONNECTIONS } from "../../model/connection-share.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { DnsCheck, HttpCheck } from "../../model/manifest.js";
import { nodePortOf } from "../../model/node-port.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import { minimumUpOf, type Pool } from "../../model/pool.js";
import type { BalancerWork } from "../work.js";
import { haproxyBind } from "./bind.js";
import { allOf, from, over, REFUSE, rule, serving, to, whileUp } from "./dnsdist-terms.js";
import { listener } from "./listener.js";
import { ALIVE_NAME, dnsdistPool, HEALTH, poolAliveName } from "./names.js";
import { peerProofConditions } from "./probe.js";

/*
 * Health checks of a node's daemons: on loopback, never through a virtual address, independent of downstream servers.
 * Also dnsdist's answers about the health of its pools, for the node's agent and for peers.
 */

/** The HTTP path of HAProxy's health check. */
const ALIVE_PATH = "/alive";

const LOOPBACK = "127.0.0.1";

/** HAProxy's listening socket for health checks. */
export const HAPROXY_HEALTH_LISTENER = listener("tcp", LOOPBACK, LOOPBACK_PORTS.haproxyHealth, {
  foreign: false,
  shared: true,
});

/** HAProxy's frontend for health checks. */
export function haproxyHealth(): HaproxySection {
  return {
    kind: "frontend",
    name: HEALTH,
    directives: [
      ["mode", "http"],
      ["maxconn", String(HEALTH_CONNECTIONS)],
      haproxyBind(HAPROXY_HEALTH_LISTENER),
      ["timeout", "client", "2s"],
      ["http-request", "return", "status", "200", "if", "{", "path", ALIVE_PATH, "}"],
      ["http-request", "return", "status", "404"],
    ],
  };
}

/* RFC 6891, section 9: options of 65001 and above are for local use. */
const FIRST_OPTION = 65_001;

/** dnsdist's answer of what is well. */
const ALIVE = call("SpoofAction", LOOPBACK);

/** Probes a second that a peer may send to a pool's servers: it sends one in each interval of its watch, five a second. */
const PROOFS_PER_SECOND = 10;

/** The code of the EDNS option with which a peer queries a pool's servers through this node. */
export function poolOption(index: number): number {
  return FIRST_OPTION + index;
}

/**
 * dnsdist's rules for what the node asks itself: one name that is always answered, one for each server that a script judges
 * while it serves, and nothing else.
 */
export function dnsdistOwnHealth({ loadBalancer }: BalancerWork): DnsdistRule[] {
  const here = to([LOOPBACK]);
  return [
    rule("this node: alive", allOf(call("QNameRule", ALIVE_NAME), here), ALIVE),
    ...(poolsOf(loadBalancer).some(({ healthCheck }) => healthCheck.kind === "external")
      ? [rule("this node: servers that serve by their scripts", serving(here), ALIVE)]
      : []),
    rule("this node: other names", here, REFUSE),
  ];
}

/**
 * dnsdist's rules about the health of pools: one name for each pool that is answered while the pool has enough live servers.
 * Peers may query it too, to compare the nodes, and to verify the answer they may send the pool's probe to the servers
 * through this node.
 */
export function dnsdistPoolHealth({ loadBalancer, node, peers }: BalancerWork): DnsdistRule[] {
  const asking = loadBalancer.nodes.filter((each) => each.name === node.name || peers.includes(each));
  const nodes = asking.flatMap(({ addresses }) => addresses);
  const peerAddresses = peers.flatMap(({ addresses }) => addresses);
  const pools = primaryPools(loadBalancer);
  return [
    ...pools.map((pool) =>
      rule(
        `this node: ${pool.name} has servers`,
        whileUp(
          dnsdistPool(pool, "udp"),
          minimumUpOf(pool),
          allOf(
            call("QNameRule", poolAliveName(pool)),
            to([LOOPBACK, ...node.addresses]),
            from([LOOPBACK, ...nodes].map(hostCidr)),
            call("PoolAvailableRule", dnsdistPool(pool, "udp")),
          ),
        ),
        ALIVE,
      ),
    ),
    ...(peerAddresses.length > 0 ? pools : []).flatMap((pool, index) => {
      const name = `this node: servers of ${pool.name}, asked by the other node`;
      // Matches the pool's own probe only, and few of them, because no other rule is applied to these queries: whoever
      // forges a peer's address reaches the servers with nothing else.
      const proof = allOf(
        ...peerProofConditions(pool.healthCheck, poolOption(index)),
        to(node.addresses),
        from(peerAddresses.map(hostCidr)),
        over("udp"),
        call("OpcodeRule", constant("DNSOpcode.Query")),
      );
      const few = atMost(PROOFS_PER_SECOND * peers.length, `this node: proofs of ${pool.name}`);
      return [
        ...(pool.cache === undefined ? [] : [rule(`${name}, not the cache`, proof, call("SetSkipCacheAction"))]),
        rule(name, allOf(proof, few), call("PoolAction", dnsdistPool(pool, "udp"))),
      ];
    }),
  ];
}

/** Matches a number of queries a second, and those beyond it not. */
function atMost(events: number, name: string): LuaCall {
  return call("limiter", name, constant("MaxQPSRule"), events);
}

/** The check that passes while dnsdist answers. */
export function dnsdistAlive(loadBalancer: LoadBalancer): DnsCheck {
  return ownAnswer(loadBalancer, ALIVE_NAME);
}

/** The check that passes while dnsdist has a live server of a pool. */
export function poolAlive(loadBalancer: LoadBalancer, pool: Pool): DnsCheck {
  return ownAnswer(loadBalancer, poolAliveName(pool));
}

/** The check that passes while HAProxy answers. */
export function haproxyAlive(): HttpCheck {
  return { kind: "http", service: "haproxy", port: LOOPBACK_PORTS.haproxyHealth, path: ALIVE_PATH };
}

function ownAnswer(loadBalancer: LoadBalancer, name: string): DnsCheck {
  const port = nodePortOf(loadBalancer);
  return { kind: "dns", service: "dnsdist", port, name, address: LOOPBACK, proxyProtocol: false };
}

/** The pools of frontends, each once, without fallbacks, which do not count for a node's health. */
export function primaryPools({ frontends }: LoadBalancer): Pool[] {
  return [...new Map(frontends.map(({ pool }) => [pool.name, pool])).values()];
}
