import type { Problem } from "../core/errors.js";
import { familyOf } from "../core/ip.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";

/**
 * DNSLB181: a node that announces IPv4 addresses has them on `lo`, and its kernel must not tell neighbours of them by ARP:
 * they would learn another way to an address than by the routers, and routers ignore questions from an address of another
 * network.
 */
export function keptAddressesProblems(
  spec: NodeSpec | undefined,
  { keepsAddresses }: PlatformProfile,
  property: string,
  fix: string,
): readonly Problem[] {
  const mobility = spec?.manifest.mobility;
  if (keepsAddresses || mobility?.kind !== "bgp") return [];
  const address = mobility.addresses.find((each) => familyOf(each) === "ipv4");
  if (address === undefined) return [];
  const message = `must let the node have ${address} on lo at all times, which its kernel would announce by ARP; use ${fix}`;
  return [{ code: "DNSLB181", property, message }];
}
