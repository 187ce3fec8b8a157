import { LabError } from "./errors.js";

const LAB_NAME = /^[a-z][a-z0-9_]{0,20}$/;
const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** The directory of named network namespaces. */
export const NAMESPACES = "/run/netns";

/** Refuses an invalid name of a lab. `-` is not allowed, so that one lab's namespaces never look like another's. */
export function checkLabName(name: string): void {
  if (LAB_NAME.test(name)) return;
  throw new LabError(
    `the name of a lab must be lower-case letters, digits and "_", start with a letter and have at most 21 characters, got ${JSON.stringify(name)}`,
  );
}

/** Refuses an invalid name of a host. */
export function checkHostName(name: string): void {
  if (HOST_NAME.test(name)) return;
  throw new LabError(
    `the name of a host must be letters, digits, "_", "." and "-", start with a letter or digit and have at most 100 characters, got ${JSON.stringify(name)}`,
  );
}

/** The network namespace of a host. */
export function namespaceName(lab: string, host: string): string {
  return `dnslb-${lab}-${host}`;
}

/** The directory of a lab's files, without its programs. */
export function labDirectory(lab: string): string {
  return `/run/dnslb-${lab}`;
}

/** The directory of a lab's programs; not below `/run`, which distributions mount with `noexec`. */
export function programDirectory(lab: string): string {
  return `/var/lib/dnslb-${lab}`;
}

/** The directory of a node's agent; each node has its own copy, as in an image. */
export function agentDirectory(lab: string, node: string): string {
  return `${programDirectory(lab)}/agent-${node}`;
}
