import type { BalancerWork, ServerWork } from "../work.js";
import type { Daemon } from "./daemon.js";
import { dnsdist } from "./dnsdist.js";
import { haproxy } from "./haproxy.js";
import { nsd } from "./nsd.js";
import { unbound } from "./unbound.js";
import { watch } from "./watch.js";

/**
 * The daemons of a load balancer's node, in the order in which a release is applied to them. Daemons that assign
 * addresses come later, because they need the files of the watch's checks.
 */
export const BALANCER_DAEMONS: readonly Daemon<BalancerWork>[] = [haproxy, dnsdist, watch];

/** The daemons of a downstream server's node, in the order in which a release is applied to them. */
export const SERVER_DAEMONS: readonly Daemon<ServerWork>[] = [unbound, nsd, watch];
