import type { Problem } from "../core/errors.js";

/** Who has addresses on a network: a pair, a node, or a router. */
export interface AddressHolder {
  /** What messages call it. */
  readonly title: string;
  readonly addresses: readonly string[];
}

/** DNSLB016: virtual addresses of a pair that others on its networks have. */
export function addressHolders(
  virtualAddresses: readonly string[],
  others: readonly AddressHolder[],
): readonly Problem[] {
  return virtualAddresses.flatMap((address, index) =>
    others
      .filter(({ addresses }) => addresses.includes(address))
      .map(({ title }) => ({
        code: "DNSLB016" as const,
        property: `virtualAddresses[${index}].address`,
        message: `must be an address that nothing else has, got "${address}", ${title} on the same network; give one of them another`,
      })),
  );
}
