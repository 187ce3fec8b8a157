import { toMilliseconds } from "../../core/duration.js";
import { poolsOf } from "../../model/load-balancer.js";
import type { DaemonWatch, PoolWatch, ReadyCheck, Watch, WatchCheck, WatchScript } from "../../model/manifest.js";
import type { ReleaseFile } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import { DNSDIST_ROUND } from "../../model/probe-times.js";
import { bySeverity } from "../failures.js";
import type { BalancerWork } from "../work.js";
import { poolCheck } from "./names.js";
import { poolAlive, poolOption, primaryPools } from "./node-health.js";
import { peerProof } from "./probe.js";

/*
 * A hung daemon is detected within interval + fall x timeout, a dead one within fall x interval. The failover then
 * takes up to three advert intervals, after which the backup takes over.
 */
const INTERVAL = 200;
const TIMEOUT = 400;
const FALL = 2;
/* Five seconds, so that nodes that fail alternately under overload do not move the addresses back and forth. */
const RISE = 25;

/** The directory in the node's `run` in which the watch writes, and no daemon may. */
export const RESULTS = "results";

/** The file in it with the verdicts of scripts. */
export const VERDICTS = "verdicts";

/** The periodic health checks of a node, the most severe failure first, and the scripts that judge servers of its pools. */
export function compileWatch(
  checks: readonly WatchCheck[],
  pools: readonly Pool[],
  { watchUser }: PlatformProfile,
): Watch {
  const scripts = pools.flatMap(watchScript);
  return {
    ...{ interval: INTERVAL, timeout: TIMEOUT, fall: FALL, rise: RISE, checks: bySeverity(checks) },
    results: { folder: RESULTS, user: watchUser },
    ...(scripts.length === 0 ? {} : { scripts }),
  };
}

/** The scripts of pools, as files of the release. */
export function scriptFiles(pools: readonly Pool[]): ReleaseFile[] {
  return pools.flatMap((pool) =>
    pool.healthCheck.script === undefined ? [] : [{ path: scriptPath(pool), content: pool.healthCheck.script }],
  );
}

function watchScript(pool: Pool): WatchScript[] {
  const { kind, interval, timeout, fall, rise } = pool.healthCheck;
  if (kind !== "external") return [];
  const [every, limit] = [toMilliseconds(interval), toMilliseconds(timeout)];
  return [{ pool: pool.name, path: scriptPath(pool), interval: every, timeout: limit, fall, rise }];
}

function scriptPath({ name }: Pool): string {
  return `scripts/${name}`;
}

/** The readiness checks of a daemon as periodic checks. */
export function daemonWatches(ready: readonly ReadyCheck[]): DaemonWatch[] {
  return ready.map((check, index) => ({
    kind: "daemon",
    name: index === 0 ? check.service : `${check.service}-${index + 1}`,
    check,
  }));
}

/**
 * Checks that fail while a pool has no live server on a node and, unless something else compares it with other nodes, has
 * one on a peer, and more pools live there.
 */
export function poolWatches({ loadBalancer, peers, comparesPools = false }: BalancerWork): PoolWatch[] {
  const longest = Math.max(0, ...poolsOf(loadBalancer).map(({ healthCheck }) => toMilliseconds(healthCheck.timeout)));
  return primaryPools(loadBalancer).map((pool, index) => {
    const { interval, timeout, fall } = pool.healthCheck;
    // dnsdist counts intervals in rounds of one second, plus the longest timeout of all probes while servers do not
    // answer.
    const betweenProbes = (toMilliseconds(interval) / DNSDIST_ROUND) * (DNSDIST_ROUND + longest);
    return {
      kind: "pool",
      name: poolCheck(pool),
      alive: poolAlive(loadBalancer, pool),
      peers: peers.flatMap(({ addresses }) => addresses.slice(0, 1)),
      ...(comparesPools ? { compared: false } : {}),
      proof: peerProof(pool.healthCheck, poolOption(index)),
      // The nodes detect a failure or recovery of a pool up to one probe interval apart. The difference must not move
      // the addresses, so a peer's report is ignored for that long and a little more; where no query through the peer can
      // prove it, by a round of probes more.
      patience: betweenProbes + 2 * INTERVAL + (comparesPools ? DNSDIST_ROUND : 0),
      detection: fall * betweenProbes + toMilliseconds(timeout) + 2 * INTERVAL,
    };
  });
}
