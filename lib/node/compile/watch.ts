import { toMilliseconds } from "../../core/duration.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import { type LoadBalancer, type LoadBalancerNode, poolsOf } from "../../model/load-balancer.js";
import type { Watch, WatchCheck } from "../../model/node-spec.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { ALIVE_NAME, poolAliveName, poolCheck } from "./names.js";
import { ALIVE_PATH, poolOption, primaryPools } from "./node-health.js";

/*
 * A daemon that hangs is noticed within interval + fall x timeout, one that is gone within fall x interval. To that come
 * three adverts, which a backup lets pass before it believes that it is the better one.
 */
const INTERVAL = 200;
const TIMEOUT = 400;
const DNSDIST_ROUND = 1_000;
const FALL = 2;
/* Five seconds: nodes that fail by turns under too much load would hand the addresses to and fro. */
const RISE = 25;

/** What the agent asks on a node of a pair, to tell keepalived. */
export function compileWatch(loadBalancer: LoadBalancer, node: LoadBalancerNode): Watch {
  const pools = primaryPools(loadBalancer);
  const longest = Math.max(0, ...poolsOf(loadBalancer).map(({ healthCheck }) => toMilliseconds(healthCheck.timeout)));
  const [peer = ""] = loadBalancer.nodes.filter(({ name }) => name !== node.name).flatMap(({ addresses }) => addresses);
  return {
    interval: INTERVAL,
    timeout: TIMEOUT,
    fall: FALL,
    rise: RISE,
    checks: [
      { name: "dnsdist", kind: "daemon", check: { kind: "dns", service: "dnsdist", port: DNS_PORT, name: ALIVE_NAME } },
      {
        name: "haproxy",
        kind: "daemon",
        check: { kind: "http", service: "haproxy", port: LOOPBACK_PORTS.haproxyHealth, path: ALIVE_PATH },
      },
      ...pools.map((pool, index) => poolWatch(pool, peer, poolOption(index), longest)),
    ],
  };
}

function poolWatch(pool: Pool, peer: string, option: number, longestTimeout: number): WatchCheck {
  const { name, type, recursionDesired, interval } = pool.healthCheck;
  return {
    name: poolCheck(pool),
    kind: "pool",
    alive: poolAliveName(pool),
    peer,
    proof: { name, type, recursionDesired },
    option,
    // The nodes notice the death of a pool up to one probe apart, and so its return. For so long and a little more the
    // peer's word counts for nothing, or a pool that dies on both, or comes back, would move the addresses. dnsdist
    // counts intervals in rounds: a second of sleep, and the longest timeout of all probes while servers are silent.
    patience: (toMilliseconds(interval) / DNSDIST_ROUND) * (DNSDIST_ROUND + longestTimeout) + 2 * INTERVAL,
  };
}
