import { familyOf } from "../core/ip.js";
import type { ManifestListener } from "./manifest.js";

/**
 * The first two sockets of two nodes in one network namespace that exclude each other: of one transport and port, on one
 * address, or one of them on all. Sockets that may share a port are meant: the kernel would spread queries over both nodes.
 */
export function sharedSocket(
  mine: readonly ManifestListener[],
  theirs: readonly ManifestListener[],
): readonly [ManifestListener, ManifestListener] | undefined {
  for (const one of mine) {
    const other = theirs.find((each) => excludes(one, each));
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

function excludes(one: ManifestListener, other: ManifestListener): boolean {
  if (one.transport !== other.transport || one.port !== other.port) return false;
  return one.address === other.address || holds(one, other.address) || holds(other, one.address);
}

/** Whether a socket takes what is sent to an address. One on all IPv6 addresses takes IPv4 too, unless it is for IPv6 only. */
function holds({ address: own, v6only }: ManifestListener, address: string): boolean {
  if (own === "0.0.0.0") return familyOf(address) === "ipv4";
  return own === "::" && (familyOf(address) === "ipv6" || !v6only);
}
