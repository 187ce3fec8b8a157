import type { Vrrp } from "./vrrp.js";

/** What brings addresses to the nodes of a load balancer, beside those that each node has of its own. */
export type AddressMobility = FixedMobility | VrrpMobility;

/** Nothing does: each node has its own addresses and no others. */
export interface FixedMobility {
  readonly kind: "fixed";
}

/** VRRP hands the virtual addresses from one node of a pair to the other. */
export interface VrrpMobility extends Vrrp {
  readonly kind: "vrrp";
}
