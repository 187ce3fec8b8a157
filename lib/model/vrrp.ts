import type { Duration } from "../core/duration.js";

/** How the nodes of a pair agree on who holds the virtual addresses (VRRPv3, RFC 9568). */
export interface Vrrp {
  readonly virtualRouterId: number;
  readonly advertisementInterval: Duration;
  /** The node that leads whenever it is as healthy as the other; none by default, so that nothing fails back. */
  readonly preferredNode?: string;
}
