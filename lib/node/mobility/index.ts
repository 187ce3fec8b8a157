import type { LoadBalancer } from "../../model/load-balancer.js";
import type { NodeDescription } from "../../model/node.js";
import { bgpMobility } from "./bgp.js";
import { FIXED } from "./fixed.js";
import type { Mobility } from "./mobility.js";
import { vrrpMobility } from "./vrrp.js";

/** How addresses are assigned to a node of a load balancer. */
export function mobilityOf(loadBalancer: LoadBalancer, node: NodeDescription): Mobility {
  const { mobility } = loadBalancer;
  switch (mobility.kind) {
    case "fixed":
      return FIXED;
    case "vrrp":
      return vrrpMobility(loadBalancer, node, mobility);
    case "bgp":
      return bgpMobility(loadBalancer, node, mobility);
  }
}
