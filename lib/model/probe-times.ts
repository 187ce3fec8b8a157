/** Milliseconds from one round of dnsdist's probes to the next. */
export const DNSDIST_ROUND = 1_000;

/** Milliseconds in which HAProxy asks dnsdist for the verdict of a script: after a second, and twice more after half a second each. */
export const ASKING_TIME = 2_000;
