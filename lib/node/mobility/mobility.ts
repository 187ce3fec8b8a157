import type { ManifestMobility } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Daemon } from "../daemons/daemon.js";
import type { MobilityWork } from "../work.js";

/** What brings addresses to a node of a load balancer, and what that takes on the node. */
export interface Mobility {
  /** The daemons that bring them, in the order in which they take a release. */
  readonly daemons: readonly Daemon<MobilityWork>[];
  /** The other nodes that the node's addresses may move to. */
  readonly peers: readonly NodeDescription[];
  /** What the agent must know of it on a platform. */
  readonly manifest: (profile: PlatformProfile) => ManifestMobility;
}
