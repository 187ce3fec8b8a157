import type { ManifestMobility, WatchCheck } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Daemon } from "../daemons/daemon.js";
import type { MobilityWork } from "../work.js";

/** How addresses are assigned to a node of a load balancer. */
export interface Mobility {
  /** The daemons that assign addresses, in the order in which a release is applied to them. */
  readonly daemons: readonly Daemon<MobilityWork>[];
  /** The nodes to which the addresses may move, and with which the watch compares its node. */
  readonly peers: readonly NodeDescription[];
  /** Whether what assigns addresses compares pools with other nodes itself, so that the watch need not. */
  readonly comparesPools?: true;
  /** The part of the agent's manifest; `checks` are those of the node, the most severe failure first. */
  readonly manifest: (profile: PlatformProfile, checks: readonly WatchCheck[]) => ManifestMobility;
}
