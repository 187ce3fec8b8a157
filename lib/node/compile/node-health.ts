import { call, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { HaproxySection } from "../../config/haproxy/model.js";
import { hostPort } from "../../core/ip.js";
import { DNS_PORT } from "../../model/frontend.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { ReadyCheck } from "../../model/node-spec.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { allOf, from, REFUSE, rule, to } from "./dnsdist-terms.js";
import { ALIVE_NAME, dnsdistPool, HEALTH, poolAliveName } from "./names.js";

/*
 * How a node's daemons tell that they work: to keepalived's checks and to the agent, on loopback, never through a
 * virtual address and never depending on the servers behind.
 */

export const ALIVE_PATH = "/alive";

/** HAProxy's port for checks. */
export function haproxyHealth(): HaproxySection {
  return {
    kind: "frontend",
    name: HEALTH,
    directives: [
      ["mode", "http"],
      ["bind", hostPort("127.0.0.1", LOOPBACK_PORTS.haproxyHealth)],
      ["timeout", "client", "2s"],
      ["http-request", "return", "status", "200", "if", "{", "path", ALIVE_PATH, "}"],
      ["http-request", "return", "status", "404"],
    ],
  };
}

/** dnsdist's answers to checks: one name that always answers, one per pool while the pool has a server of its own. */
export function dnsdistHealth(loadBalancer: LoadBalancer): DnsdistRule[] {
  const here = to(["127.0.0.1"]);
  const local = from(["127.0.0.1/32"]);
  const answer = call("SpoofAction", "127.0.0.1");
  return [
    rule("node: alive", allOf(here, local, call("QNameRule", ALIVE_NAME)), answer),
    ...primaryPools(loadBalancer).map((pool) =>
      rule(
        `node: ${pool.name} has servers`,
        allOf(here, local, call("QNameRule", poolAliveName(pool)), call("PoolAvailableRule", dnsdistPool(pool, "udp"))),
        answer,
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
