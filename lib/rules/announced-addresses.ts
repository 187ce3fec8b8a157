import type { Problem } from "../core/errors.js";
import type { AddressHolder } from "./address-holders.js";

/** A group of an app that announces addresses. */
export interface AnnouncingGroup {
  /** The construct path of the group. */
  readonly path: string;
  readonly asn: number;
  readonly addresses: readonly string[];
}

/** DNSLB029: addresses that two groups of one autonomous system announce. Returns the problems of `group`. */
export function announcedTwice(group: AnnouncingGroup, others: readonly AnnouncingGroup[]): readonly Problem[] {
  return group.addresses.flatMap((address, index) =>
    others
      .filter(({ path, asn, addresses }) => path < group.path && asn === group.asn && addresses.includes(address))
      .map(({ path, asn }) => ({
        code: "DNSLB029" as const,
        property: `addresses[${index}]`,
        message: `must be announced by one group of AS ${asn}, got "${address}", which ${path} announces, too; make them one group, or give one of them another address or another 'asn'`,
      })),
  );
}

/** DNSLB016: addresses of a group that a machine of the app has, wherever it stands: routers would send its packets to the group. */
export function announcedElsewhere(
  { addresses }: AnnouncingGroup,
  holders: readonly AddressHolder[],
): readonly Problem[] {
  return addresses.flatMap((address, index) =>
    holders
      .filter((holder) => holder.addresses.includes(address))
      .map(({ title }) => ({
        code: "DNSLB016" as const,
        property: `addresses[${index}]`,
        message: `must be an address that only the group has, got "${address}", ${title}; give one of them another`,
      })),
  );
}
