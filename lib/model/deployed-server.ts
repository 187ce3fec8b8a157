import type { DeployedNsdServer } from "./nsd.js";
import type { DeployedUnboundServer } from "./unbound.js";

/** A DNS server that the app deploys on a node of its own. */
export type DeployedServer = DeployedUnboundServer | DeployedNsdServer;
