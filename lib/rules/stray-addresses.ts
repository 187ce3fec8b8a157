import { cidrContains, familyOf } from "../core/ip.js";

/** A subnet of the app, and whose network it is: "that of eth1". */
export interface KnownSubnet {
  readonly subnet: string;
  readonly title: string;
}

/**
 * The message about a virtual address that is in none of the subnets of its interface but in one of another network. There
 * machines ask for it by ARP or neighbour discovery, and nobody answers. Addresses in no known subnet are routed to the
 * nodes. Nothing is said where the subnets of the interface are not known.
 */
export function strayAddress(
  address: string,
  carriers: readonly string[],
  others: readonly KnownSubnet[],
): readonly string[] {
  const own = carriers.filter((subnet) => familyOf(subnet.split("/")[0] ?? "") === familyOf(address));
  if (own.length === 0 || own.some((subnet) => cidrContains(subnet, address))) return [];
  const stray = others.find(({ subnet }) => cidrContains(subnet, address));
  if (stray === undefined) return [];
  return [
    `must not be in another network than its interface, which is in ${own.join(", ")}, got "${address}" of ${stray.subnet}, ${stray.title}, where no machine would find it; choose another address`,
  ];
}
