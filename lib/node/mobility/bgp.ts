import { toMilliseconds } from "../../core/duration.js";
import { InternalError } from "../../core/errors.js";
import { canonicalAddress, type Family, familyOf } from "../../core/ip.js";
import type { BgpMobility } from "../../model/address-mobility.js";
import { meetingFamily } from "../../model/bgp.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { AnnouncementRules, WatchCheck } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import { WORDS_PORT } from "../../model/platform-profile.js";
import { memberOf, sessionName } from "../compile/bird.js";
import { bird } from "../daemons/bird.js";
import { costOf, failureOf } from "../failures.js";
import type { Mobility } from "./mobility.js";

/** How old the watch's heartbeat may be: with less, a busy machine would count as one without a watch. */
export const STALE_AFTER = 3_000;

/** The mobility of a node that announces the addresses of its group to the routers before it. */
export function bgpMobility({ nodes }: LoadBalancer, node: NodeDescription, bgp: BgpMobility): Mobility {
  const family = meetingFamily(nodes);
  const others = nodes.filter(({ name }) => name !== node.name);
  return {
    daemons: [bird(bgp)],
    // The announcer asks them, not the watch.
    peers: [],
    comparesPools: true,
    manifest: ({ ownsRoutes = false }, checks) => ({
      kind: "bgp",
      service: "bird",
      addresses: bgp.addresses.map(canonicalAddress),
      sessions: memberOf(bgp, node).neighbors.map(({ address, asn, bfd }, index) => ({
        name: sessionName(index + 1),
        neighbor: canonicalAddress(address),
        asn,
        bfd: bfd !== undefined,
        families: [familyIn(address)],
      })),
      peers: others.map((other) => ({ name: other.name, address: ownAddress(other, family) })),
      words: { address: ownAddress(node, family), port: WORDS_PORT },
      announcement: announcementRules(bgp, checks),
      ...(bgp.defaultRoute === "static" ? {} : { otherDefaultRoutes: ownsRoutes ? "move-back" : "refuse" }),
    }),
  };
}

function announcementRules(bgp: BgpMobility, checks: readonly WatchCheck[]): AnnouncementRules {
  const { whenSick, returnAfter, damping, gracefulShutdown } = bgp;
  return {
    checks: checks.map((check) => ({
      name: check.name,
      cost: costOf(failureOf(check)),
      whenFailing: whenSick[check.kind],
    })),
    staleCost: costOf("watch"),
    staleAfter: STALE_AFTER,
    hold: toMilliseconds(returnAfter),
    moves: damping.moves,
    damping: toMilliseconds(damping.within),
    grace: toMilliseconds(gracefulShutdown),
  };
}

function familyIn(address: string): Family {
  const family = familyOf(address);
  if (family === undefined) throw new InternalError(`${address} is no address`);
  return family;
}

function ownAddress({ name, addresses }: NodeDescription, family: Family | undefined): string {
  const own = addresses.find((address) => familyOf(address) === family);
  if (own === undefined) throw new InternalError(`node ${name} has no address at which the others of its group ask it`);
  return canonicalAddress(own);
}
