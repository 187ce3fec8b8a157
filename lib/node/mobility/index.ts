import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
import { FIXED } from "./fixed.js";
import type { Mobility } from "./mobility.js";
import { vrrpMobility } from "./vrrp.js";

/** What brings addresses to a node of a load balancer. */
export function mobilityOf(loadBalancer: LoadBalancer, node: LoadBalancerNode): Mobility {
  const { mobility } = loadBalancer;
  switch (mobility.kind) {
    case "fixed":
      return FIXED;
    case "vrrp":
      return vrrpMobility(loadBalancer, node, mobility);
  }
}
