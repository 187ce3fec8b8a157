import type { NftablesRule, NftablesTable } from "../../config/nftables/model.js";
import type { Family } from "../../core/ip.js";
import type { Vrrp } from "../../model/vrrp.js";
import type { MobilityWork } from "../work.js";
import { advertAddress, advertFamilies, HIGHEST_TTL } from "./vrrp.js";

/** By family: nft's words for the header, and for the field that routers count down. */
const HEADER = { ipv4: "ip", ipv6: "ip6" } as const;
const HOPS = { ipv4: "ttl", ipv6: "hoplimit" } as const;

/** Earlier than the filters of the host and than its connection tracking, which need not see what is dropped. */
const PRIORITY = -300;

/**
 * What may stand between a fragment header and an advert: routing and fragment headers, and destination options. The kernel
 * delivers an advert whose headers begin in one fragment and end in the next, and in neither does nft find its protocol.
 * Nobody else sends such fragments: those of large answers begin with UDP.
 */
const HIDING_HEADERS = "43,44,60";

/**
 * Drops the adverts that keepalived would refuse. It counts the interval of its own adverts anew for each one that it
 * refuses, so that a flood of them would delay the leader's own. All other packets pass, multicast VRRP of other programs
 * included.
 */
export function compileAdvertFilter(work: MobilityWork, vrrp: Vrrp): NftablesTable {
  return {
    // On the network of a host, other nodes have tables of their own. The agent removes it by this name.
    name: `dns_lb_${work.node.name}`,
    chain: "adverts",
    priority: PRIORITY,
    rules: advertFamilies(work.loadBalancer).flatMap((family) => rulesOf(work, vrrp, family)),
  };
}

function rulesOf({ node, peers }: MobilityWork, vrrp: Vrrp, family: Family): NftablesRule[] {
  const header = HEADER[family];
  const senders = peers.map((peer) => advertAddress(peer, vrrp, family)).join(",");
  // Not `ip6 nexthdr`: an advert may stand behind extension headers. Not by name: images have no /etc/protocols.
  const arriving = [header, "daddr", advertAddress(node, vrrp, family)] as const;
  const advert = ["meta", "l4proto", "112", ...arriving] as const;
  const dropped = ["counter", "drop"] as const;
  return [
    [...advert, header, "saddr", "!=", "{", senders, "}", ...dropped],
    ...(vrrp.ttlSecurity === true ? [[...advert, header, HOPS[family], "!=", HIGHEST_TTL, ...dropped] as const] : []),
    ...(family === "ipv6" ? [[...arriving, "frag", "nexthdr", "{", HIDING_HEADERS, "}", ...dropped] as const] : []),
  ];
}
