/*
 * An engine may have defaults of its own in its daemon.json. What a container does not say is taken from there, and what
 * the provider then reads differs from what is wanted here, which would replace the container at every deployment.
 */

/** How containers log, whatever the engine's default: options for one driver are refused by another. */
export const LOG_DRIVER = "json-file";

/** Attributes into which the engine merges its defaults. Their changes reach a container that is created anew. */
export const MERGED_ATTRIBUTES: readonly string[] = ["log_opts", "ulimit"];
