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
          // Without this check any host could take the addresses over with one forged advert.
          ["vrrp_check_unicast_src"],
          ["vrrp_garp_master_delay", "1"],
          ["vrrp_garp_master_repeat", "2"],
          ["vrrp_garp_lower_prio_repeat", "2"],
          // After two masters (split brain), neighbours may have the gratuitous ARP of the one that steps down. With
          // this option it sends an advert before, on which the other sends gratuitous ARP again.
          ["vrrp_higher_prio_send_advert"],
          // Repeat gratuitous ARP after so many seconds, for neighbours that missed it.
          ["vrrp_garp_master_refresh", "10"],
          ["vrrp_garp_master_refresh_repeat", "1"],
          ["max_auto_priority", "50"],
          // The check script needs no privileges.
          ["script_user", featuresOf(profile.versions).checksOfOtherUser ? profile.watchUser : "root"],
          ["enable_script_security"],
        ],
        ...(loadBalancer.extra?.keepalived === undefined ? {} : { extra: loadBalancer.extra.keepalived }),
      },
      ...(profile.keepsAddresses ? [keptAddresses(loadBalancer)] : []),
      ...keepalivedChecks(work),
      ...keepalivedInstances(work, vrrp),
    ],
  };
}

/**
 * The virtual addresses on the loopback interface, while keepalived runs. A node that becomes backup removes them from
 * its network interface at once, some milliseconds before neighbours have the gratuitous ARP of the new master. With
 * these addresses it still answers the packets that reach it in between.
 */
function keptAddresses({ virtualAddresses }: LoadBalancer): KeepalivedBlock {
  return {
    keyword: "static_ipaddress",
    entries: virtualAddresses.map(
      ({ address }): KeepalivedLine => [
        ...([hostCidr(address), "dev", "lo"] as const),
        // Scope `host` keeps the node from using the address as a source. keepalived marks IPv6 addresses as
        // deprecated, so that the node prefers its own.
        ...(familyOf(address) === "ipv4" ? ["scope", "host"] : []),
      ],
    ),
  };
}
