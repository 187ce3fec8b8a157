import type { ManifestMobility } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Daemon } from "../daemons/daemon.js";
import type { MobilityWork } from "../work.js";

/** How addresses are assigned to a node of a load balancer. */
export interface Mobility {
  /** The daemons that assign addresses, in the order in which a release is applied to them. */
  readonly daemons: readonly Daemon<MobilityWork>[];
  /** The nodes to which the addresses may move. */
  readonly peers: readonly NodeDescription[];
  /** The part of the agent's manifest. */
  readonly manifest: (profile: PlatformProfile) => ManifestMobility;
}
