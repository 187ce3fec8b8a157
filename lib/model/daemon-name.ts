/**
 * The name of a daemon, which is also that of its service on a node.
 * @pattern ^[a-z][a-z0-9-]*$
 */
export type DaemonName = string;

/** The agent's own service, which runs the health checks of the node. */
export const WATCH = "watch";
