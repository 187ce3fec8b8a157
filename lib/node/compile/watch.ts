import { toMilliseconds } from "../../core/duration.js";
import { poolsOf } from "../../model/load-balancer.js";
import type { DaemonWatch, PoolWatch, ReadyCheck, Watch, WatchCheck } from "../../model/manifest.js";
import { bySeverity } from "../failures.js";
import type { BalancerWork } from "../work.js";
import { poolCheck } from "./names.js";
import { poolAlive, poolOption, primaryPools } from "./node-health.js";
import { peerProof } from "./probe.js";

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

/** What the agent asks on a node again and again, in the order of severity. */
export function compileWatch(checks: readonly WatchCheck[]): Watch {
  return { interval: INTERVAL, timeout: TIMEOUT, fall: FALL, rise: RISE, checks: bySeverity(checks) };
}

/** Whether a daemon goes on to pass what it must pass to be ready. */
export function daemonWatches(ready: readonly ReadyCheck[]): DaemonWatch[] {
  return ready.map((check, index) => ({
    kind: "daemon",
    name: index === 0 ? check.service : `${check.service}-${index + 1}`,
    check,
  }));
}

/** Whether each pool of a node has a live server while a peer knows one. */
export function poolWatches({ loadBalancer, peers }: BalancerWork): PoolWatch[] {
  const longest = Math.max(0, ...poolsOf(loadBalancer).map(({ healthCheck }) => toMilliseconds(healthCheck.timeout)));
  return primaryPools(loadBalancer).map((pool, index) => ({
    kind: "pool",
    name: poolCheck(pool),
    alive: poolAlive(pool),
    peers: peers.flatMap(({ addresses }) => addresses.slice(0, 1)),
    proof: peerProof(pool.healthCheck, poolOption(index)),
    // The nodes notice the death of a pool up to one probe apart, and so its return. For so long and a little more a
    // peer's word counts for nothing, or a pool that dies on all, or comes back, would move the addresses. dnsdist
    // counts intervals in rounds: a second of sleep, and the longest timeout of all probes while servers are silent.
    patience: (toMilliseconds(pool.healthCheck.interval) / DNSDIST_ROUND) * (DNSDIST_ROUND + longest) + 2 * INTERVAL,
  }));
}
