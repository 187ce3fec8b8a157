import type { Vrrp } from "./vrrp.js";

/** How addresses are assigned to the nodes of a load balancer, beside each node's own. */
export type AddressMobility = FixedMobility | VrrpMobility;

/** Each node has only its own addresses. */
export interface FixedMobility {
  readonly kind: "fixed";
}

/** VRRP moves the virtual addresses between the nodes of a pair. */
export interface VrrpMobility extends Vrrp {
  readonly kind: "vrrp";
}
