import { toMilliseconds } from "../../core/duration.js";
import { DNS_PORT } from "../../model/frontend.js";
import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
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
const FALL = 2;
const RISE = 2;

/** What the agent asks on a node of a pair, to tell keepalived. */
export function compileWatch(loadBalancer: LoadBalancer, node: LoadBalancerNode): Watch {
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
      ...primaryPools(loadBalancer).map((pool, index) => poolWatch(pool, peer, poolOption(index))),
    ],
  };
}

function poolWatch(pool: Pool, peer: string, option: number): WatchCheck {
  const { name, type, recursionDesired, interval } = pool.healthCheck;
  return {
    name: poolCheck(pool),
    kind: "pool",
    alive: poolAliveName(pool),
    peer,
    proof: { name, type, recursionDesired },
    option,
    // The nodes notice the death of a pool up to one probe apart. For so long and a little more the peer's word counts
    // for nothing, or a pool that dies on both would move the addresses.
    patience: toMilliseconds(interval) + 2 * INTERVAL,
  };
}
