/**
 * The name of a daemon, as a node calls its service.
 * @pattern ^[a-z][a-z0-9-]*$
 */
export type DaemonName = string;

/** The service of the agent's own that watches the others. */
export const WATCH = "watch";
