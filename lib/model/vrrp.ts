import type { Duration } from "../core/duration.js";

/** How the nodes of a pair elect the holder of the virtual addresses (VRRPv3, RFC 9568). */
export interface Vrrp {
  readonly virtualRouterId: number;
  readonly advertisementInterval: Duration;
  /** The node that is master whenever it is as healthy as the other; absent: no failback. */
  readonly preferredNode?: string;
  /** The interface that carries the adverts; absent: on each node that of its own addresses. */
  readonly interface?: string;
  /**
   * The nodes refuse adverts whose TTL or hop limit is below 255, the highest: those passed a router (RFC 5082). Absent:
   * they take adverts with any.
   */
  readonly ttlSecurity?: boolean;
}
