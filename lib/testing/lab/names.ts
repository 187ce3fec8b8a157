import { LabError } from "./errors.js";

const LAB_NAME = /^[a-z][a-z0-9_]{0,20}$/;
const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Where the kernel's named network namespaces are. */
export const NAMESPACES = "/run/netns";

/** Refuses a name that is no lab's: without `-`, so that no lab's namespaces are mistaken for another's. */
export function checkLabName(name: string): void {
  if (LAB_NAME.test(name)) return;
  throw new LabError(
    `the name of a lab must be lower-case letters, digits and "_", start with a letter and have at most 21 characters, got ${JSON.stringify(name)}`,
  );
}

/** Refuses a name that cannot be a host's in a lab. */
export function checkHostName(name: string): void {
  if (HOST_NAME.test(name)) return;
  throw new LabError(`a host of a lab cannot be named ${JSON.stringify(name)}`);
}

/** The network namespace of a host. */
export function namespaceName(lab: string, host: string): string {
  return `dnslb-${lab}-${host}`;
}

/** Everything on disk that belongs to a lab, but for its programs. */
export function labDirectory(lab: string): string {
  return `/run/dnslb-${lab}`;
}

/** The programs of a lab; not below `/run`, which distributions mount without the right to execute. */
export function programDirectory(lab: string): string {
  return `/var/lib/dnslb-${lab}`;
}

/** The agent of a node: each has one of its own, as it has in an image. */
export function agentDirectory(lab: string, node: string): string {
  return `${programDirectory(lab)}/agent-${node}`;
}
