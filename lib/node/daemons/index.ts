import type { BalancerWork, ServerWork } from "../work.js";
import type { Daemon } from "./daemon.js";
import { dnsdist } from "./dnsdist.js";
import { haproxy } from "./haproxy.js";
import { nsd } from "./nsd.js";
import { unbound } from "./unbound.js";
import { watch } from "./watch.js";

/**
 * The daemons of a load balancer's node, in the order in which they take a release. Those that bring addresses to it
 * come after them: before one is told of a check, the watch has made it.
 */
export const BALANCER_DAEMONS: readonly Daemon<BalancerWork>[] = [haproxy, dnsdist, watch];

/** The daemons of a server's node, in the order in which they take a release. */
export const SERVER_DAEMONS: readonly Daemon<ServerWork>[] = [unbound, nsd, watch];
