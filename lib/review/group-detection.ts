import { toMilliseconds } from "../core/duration.js";
import type { BgpMobility } from "../model/address-mobility.js";
import type { BgpNeighbor, SickReaction } from "../model/bgp.js";
import type { PoolWatch, Watch } from "../model/manifest.js";
import { HOLD_TIME } from "../node/compile/bird.js";
import { STALE_AFTER } from "../node/mobility/bgp.js";
import type { Detection } from "./detection.js";

/** Milliseconds between two decisions of the announcer: the INTERVAL of its Python. */
export const DECISION = 50;
const DECISION_TEXT = `${DECISION}ms (announcer)`;

/** The failures of a group whose nodes announce its addresses; `watch` is that of its nodes. */
export function groupFailures(group: BgpMobility, watch: Watch): readonly Detection[] {
  const { interval, timeout, fall } = watch;
  const daemon = reactionText(group.whenSick.daemon);
  const lost = lostSession(group.members.flatMap(({ neighbors }) => neighbors));
  return [
    {
      ...{ failure: "a node dies, or its network", ...lost },
      outcome: "its routers send its clients to other nodes",
    },
    {
      ...{ failure: "a router dies", ...lost },
      outcome:
        group.defaultRoute === "bgp"
          ? "its nodes answer by another of their routers"
          : "its nodes answer by it until their own routes change",
    },
    {
      failure: "HAProxy or dnsdist dies",
      arithmetic: `${fall} (fall) × ${interval}ms (interval of the watch) + ${DECISION_TEXT}`,
      longest: fall * interval + DECISION,
      outcome: daemon,
    },
    {
      failure: "HAProxy or dnsdist hangs",
      arithmetic: `${interval}ms (interval of the watch) + ${fall} (fall) × ${timeout}ms (timeout) + ${DECISION_TEXT}`,
      longest: interval + fall * timeout + DECISION,
      outcome: daemon,
    },
    ...watch.checks.flatMap((check) => (check.kind === "pool" ? poolFailure(check, group, watch) : [])),
    {
      failure: "the watch dies",
      arithmetic: `${STALE_AFTER}ms (age of its heartbeat) + ${DECISION_TEXT}`,
      longest: STALE_AFTER + DECISION,
      outcome: reactionText("prepend"),
    },
  ];
}

/** How long the slowest session with a router may take to end. */
function lostSession(neighbors: readonly BgpNeighbor[]): Pick<Detection, "arithmetic" | "longest"> {
  const byBfd = neighbors.flatMap(({ bfd }) => (bfd === undefined ? [] : [bfd]));
  if (byBfd.length < neighbors.length || byBfd.length === 0) {
    return { arithmetic: `${HOLD_TIME}s (hold time)`, longest: HOLD_TIME * 1_000 };
  }
  const times = byBfd.map(({ interval, multiplier }) => ({
    arithmetic: `${multiplier} × ${interval} (BFD)`,
    longest: multiplier * toMilliseconds(interval),
  }));
  return times.reduce((slowest, each) => (each.longest > slowest.longest ? each : slowest));
}

/** A node that alone has lost all servers of a pool. */
function poolFailure(
  { name, detection, patience }: PoolWatch,
  { whenSick }: BgpMobility,
  { interval, fall }: Watch,
): readonly Detection[] {
  if (detection === undefined) return [];
  return [
    {
      failure: `all servers of ${name.replace(/^pool-/, "")} are dead for one node alone`,
      arithmetic: `${detection}ms (its probes) + ${fall} (fall) × ${interval}ms (interval of the watch) + ${patience}ms (until others are believed) + ${DECISION_TEXT}`,
      longest: detection + fall * interval + patience + DECISION,
      outcome: `${reactionText(whenSick.pool)}, if more pools live on another`,
    },
  ];
}

function reactionText(reaction: SickReaction): string {
  return reaction === "withdraw"
    ? "the node withdraws its addresses, while a better one announces them"
    : "the node announces a longer path";
}
