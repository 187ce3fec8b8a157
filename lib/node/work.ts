import type { DeployedServer } from "../model/deployed-server.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { WatchCheck } from "../model/manifest.js";
import type { NodeDescription } from "../model/node.js";
import type { PlatformProfile } from "../model/platform-profile.js";

/** The input for compiling a node of a load balancer. */
export interface BalancerWork {
  readonly loadBalancer: LoadBalancer;
  readonly node: NodeDescription;
  /** The nodes to which the addresses may move, and with which the watch compares its node. */
  readonly peers: readonly NodeDescription[];
  /** Whether something else than the watch compares pools with other nodes. */
  readonly comparesPools?: boolean;
  readonly profile: PlatformProfile;
}

/** The input for compiling the daemons that assign addresses to a node of a load balancer. */
export interface MobilityWork extends BalancerWork {
  /** The periodic health checks of the node, the most severe failure first. */
  readonly checks: readonly WatchCheck[];
}

/** The input for compiling the node of a downstream server. */
export interface ServerWork {
  readonly server: DeployedServer;
  readonly profile: PlatformProfile;
}
