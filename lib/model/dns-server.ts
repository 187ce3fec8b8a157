import type { NsdServer } from "./nsd.js";
import type { UnboundServer } from "./unbound.js";

/** A DNS server that the app deploys on a node of its own. */
export type DnsServer = UnboundServer | NsdServer;
