import type { Duration } from "../core/duration.js";
import type { Bgp } from "./bgp.js";
import type { Vrrp } from "./vrrp.js";

/** How addresses are assigned to the nodes of a load balancer, beside each node's own. */
export type AddressMobility = FixedMobility | VrrpMobility | BgpMobility;

/** Each node has only its own addresses. */
export interface FixedMobility {
  readonly kind: "fixed";
}

/** VRRP moves the virtual addresses between the nodes of a pair. */
export interface VrrpMobility extends Vrrp {
  readonly kind: "vrrp";
}

/** All nodes of a group have the addresses, and announce them to the routers before them (BGP). */
export interface BgpMobility extends Bgp {
  readonly kind: "bgp";
  /** In canonical form, on the loopback interface of every node. */
  readonly addresses: readonly string[];
  /** How long a node must be well before it is announced at its best again. */
  readonly returnAfter: Duration;
  readonly damping: AnnouncementDamping;
  /** How long a drained node asks routers to leave it (RFC 8326) before it withdraws its addresses. */
  readonly gracefulShutdown: Duration;
}

/** A node whose announcement moves so often within a time stays at its worst for as long. */
export interface AnnouncementDamping {
  readonly moves: number;
  readonly within: Duration;
}
