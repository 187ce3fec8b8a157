import { toMilliseconds } from "../core/duration.js";
import { detectionTime } from "../model/health-check.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import type { PoolWatch, Watch } from "../model/manifest.js";
import type { Pool } from "../model/pool.js";
import { ASKING_TIME, DNSDIST_ROUND } from "../model/probe-times.js";
import type { Vrrp } from "../model/vrrp.js";
import { PRIORITY, WATCH_SCRIPT } from "../node/compile/vrrp.js";
import type { Detection } from "./detection.js";
import { groupFailures } from "./group-detection.js";

/*
 * How long each kind of failure may take to be noticed, and until another node serves. docs/failures.md has what was
 * measured; this is what the settings allow.
 */

/* RFC 9568, 7.1: the backup waits three adverts and the skew, a part of an advert that a high priority makes small. */
const MISSED_ADVERTS = 3;
const PRIORITIES = 256;
/** Seconds after which a heartbeat is too old for keepalived: more than the STALE of the agent's `check`, in whole seconds. */
export const OLD_HEARTBEAT = 5;

/** The failures of a load balancer; `watch` is that of its nodes. */
export function detectionsOf(loadBalancer: LoadBalancer, watch: Watch): readonly Detection[] {
  return [...poolsOf(loadBalancer).map(serverFailure), ...nodeFailures(loadBalancer, watch)];
}

function nodeFailures({ mobility, nodes }: LoadBalancer, watch: Watch): readonly Detection[] {
  if (nodes.length === 1 || mobility.kind === "fixed") return aloneFailures(watch);
  return mobility.kind === "vrrp" ? pairFailures(mobility, watch) : groupFailures(mobility, watch);
}

/** A server that hangs: one that refuses connections may be noticed sooner. */
function serverFailure(pool: Pool): Detection {
  const { healthCheck: check } = pool;
  const asking = check.kind === "external" ? ` + ${ASKING_TIME / 1_000}s (HAProxy asks dnsdist)` : "";
  return {
    failure: `a server of ${pool.name} hangs`,
    arithmetic: `${check.interval} (interval) × ${check.fall} (fall) + ${check.timeout} (timeout) + ${DNSDIST_ROUND / 1_000}s (dnsdist's rounds)${asking}`,
    longest: detectionTime(check),
    outcome: "it gets no more queries",
  };
}

function pairFailures(vrrp: Vrrp, watch: Watch): readonly Detection[] {
  const advert = toMilliseconds(vrrp.advertisementInterval);
  const skew = Math.ceil((advert * (PRIORITIES - PRIORITY)) / PRIORITIES);
  const adverts = MISSED_ADVERTS * advert + skew;
  const advertText = `${MISSED_ADVERTS} × ${advert}ms (adverts) + ${skew}ms (skew)`;
  const moves = "the other node takes the addresses";
  const { interval, timeout, fall } = watch;
  return [
    {
      failure: "the node that leads dies, or its network",
      arithmetic: advertText,
      longest: adverts,
      outcome: moves,
    },
    {
      failure: "HAProxy or dnsdist dies",
      arithmetic: `${fall} (fall) × ${interval}ms (interval of the watch) + ${advertText}`,
      longest: fall * interval + adverts,
      outcome: moves,
    },
    {
      failure: "HAProxy or dnsdist hangs",
      arithmetic: `${interval}ms (interval of the watch) + ${fall} (fall) × ${timeout}ms (timeout) + ${advertText}`,
      longest: interval + fall * timeout + adverts,
      outcome: moves,
    },
    ...watch.checks.flatMap((check) =>
      check.kind === "pool" ? poolFailure(check, watch, { adverts, advertText }) : [],
    ),
    {
      failure: "the watch dies",
      arithmetic: `${OLD_HEARTBEAT}s (age of its heartbeat) + ${WATCH_SCRIPT.fall} (fall) × ${WATCH_SCRIPT.interval}s (interval of keepalived's check) + ${advertText}`,
      longest: (OLD_HEARTBEAT + WATCH_SCRIPT.fall * WATCH_SCRIPT.interval) * 1_000 + adverts,
      outcome: moves,
    },
  ];
}

/** A node that alone has lost all servers of a pool. */
function poolFailure(
  { name, detection, patience }: PoolWatch,
  { interval, fall }: Watch,
  { adverts, advertText }: { readonly adverts: number; readonly advertText: string },
): readonly Detection[] {
  if (detection === undefined) return [];
  return [
    {
      failure: `all servers of ${name.replace(/^pool-/, "")} are dead for one node alone`,
      arithmetic: `${detection}ms (its probes) + ${patience}ms (unless a probe through the other node succeeds) + ${fall} (fall) × ${interval}ms (interval of the watch) + ${advertText}`,
      longest: detection + patience + fall * interval + adverts,
      outcome: "the other node takes the addresses, if more pools live there",
    },
  ];
}

function aloneFailures({ interval, timeout, fall }: Watch): readonly Detection[] {
  return [
    {
      failure: "the node dies",
      arithmetic: "no other node takes its addresses",
      outcome: "nothing is served until it is back",
    },
    {
      failure: "HAProxy or dnsdist dies",
      arithmetic: "its supervisor sees it at once",
      outcome: "it is started again, within seconds",
    },
    {
      failure: "HAProxy or dnsdist hangs",
      arithmetic: `${interval}ms (interval of the watch) + ${fall} (fall) × ${timeout}ms (timeout)`,
      longest: interval + fall * timeout,
      outcome: "the node reports it; nothing takes over",
    },
  ];
}
