import type { DeployedServer } from "../model/deployed-server.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { WatchCheck } from "../model/manifest.js";
import type { NodeDescription } from "../model/node.js";
import type { PlatformProfile } from "../model/platform-profile.js";

/** What a node of a load balancer is compiled from. */
export interface BalancerWork {
  readonly loadBalancer: LoadBalancer;
  readonly node: NodeDescription;
  /** The other nodes that its addresses may move to. */
  readonly peers: readonly NodeDescription[];
  readonly profile: PlatformProfile;
}

/** What the daemons that bring addresses to a node of a load balancer are compiled from. */
export interface MobilityWork extends BalancerWork {
  /** What the watch checks on the node, the most severe failure first. */
  readonly checks: readonly WatchCheck[];
}

/** What the node of a server behind load balancers is compiled from. */
export interface ServerWork {
  readonly server: DeployedServer;
  readonly profile: PlatformProfile;
}
