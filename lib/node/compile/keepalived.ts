import type { KeepalivedBlock, KeepalivedFile, KeepalivedLine } from "../../config/keepalived/model.js";
import { familyOf, hostCidr } from "../../core/ip.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { Vrrp } from "../../model/vrrp.js";
import { featuresOf } from "../features.js";
import type { MobilityWork } from "../work.js";
import { keepalivedChecks, keepalivedInstances } from "./vrrp.js";

/** keepalived.conf of a node that shares virtual addresses by VRRP. */
export function compileKeepalived(work: MobilityWork, vrrp: Vrrp): KeepalivedFile {
  const { loadBalancer, node, profile } = work;
  return {
    blocks: [
      {
        keyword: "global_defs",
        entries: [
          ["router_id", node.name],
          ["vrrp_version", "3"],
          // Without it any host takes the addresses away by one packet.
          ["vrrp_check_unicast_src"],
          ["vrrp_garp_master_delay", "1"],
          ["vrrp_garp_master_repeat", "2"],
          ["vrrp_garp_lower_prio_repeat", "2"],
          // Where both led, the one that leaves may be the last whom neighbours heard of: it makes the other one tell anew.
          ["vrrp_higher_prio_send_advert"],
          // What neighbours missed, they miss no longer than that; seconds.
          ["vrrp_garp_master_refresh", "10"],
          ["vrrp_garp_master_refresh_repeat", "1"],
          ["max_auto_priority", "50"],
          // The check needs no right of keepalived's.
          ["script_user", featuresOf(profile.versions).checksOfOtherUser ? profile.user : "root"],
          ["enable_script_security"],
        ],
      },
      ...(profile.keepsAddresses ? [keptAddresses(loadBalancer)] : []),
      ...keepalivedChecks(work),
      ...keepalivedInstances(work, vrrp),
    ],
  };
}

/**
 * The virtual addresses on the loopback interface, from keepalived's start to its end. A node that leads no more takes
 * them from its network at once, some milliseconds before the other one has told the neighbours; what reaches it in
 * between, it answers by these.
 */
function keptAddresses({ virtualAddresses }: LoadBalancer): KeepalivedBlock {
  return {
    keyword: "static_ipaddress",
    entries: virtualAddresses.map(
      ({ address }): KeepalivedLine => [
        ...([hostCidr(address), "dev", "lo"] as const),
        // No source for what the node sends by itself; IPv6 ones keepalived deprecates, so that the node's own goes first.
        ...(familyOf(address) === "ipv4" ? ["scope", "host"] : []),
      ],
    ),
  };
}
