import type { Duration } from "../core/duration.js";

/** How the nodes of a pair elect the holder of the virtual addresses (VRRPv3, RFC 9568). */
export interface Vrrp {
  readonly virtualRouterId: number;
  readonly advertisementInterval: Duration;
  /** The node that is master whenever it is as healthy as the other; absent: no failback. */
  readonly preferredNode?: string;
}
