import { placeMistake } from "../../core/address-kind.js";
import { canonicalAddress, canonicalCidr, cidrContains, cidrsOverlap, familyOf, networkOf } from "../../core/ip.js";
import type { NodeInterface } from "../../model/node.js";
import type { Report } from "../../terraform/parse.js";

/** The addresses of a host on one of its interfaces. */
export interface HostAddresses {
  readonly address?: string | undefined;
  readonly address6?: string | undefined;
  readonly subnet?: string | undefined;
  readonly subnet6?: string | undefined;
}

/** The interfaces of a host, the one of the node itself first. */
export interface HostInterfaces extends HostAddresses {
  readonly interface: string;
  readonly interfaces: readonly (HostAddresses & { readonly name: string })[];
}

/** An interface as given, with the path of its properties. */
interface Given extends HostAddresses {
  readonly name: string;
  readonly path: readonly PropertyKey[];
  /** What messages about another interface call it. */
  readonly owner: string;
}

const FAMILIES = [
  { address: "address", subnet: "subnet", family: "ipv4", bits: 24 },
  { address: "address6", subnet: "subnet6", family: "ipv6", bits: 64 },
] as const;

/** The interfaces of a host as data, with the subnets that it has by default. */
export function interfacesOf(props: HostInterfaces): readonly [NodeInterface, ...NodeInterface[]] {
  return [
    { name: props.interface, addresses: addressesOf(props), subnets: subnetsOf(props) },
    ...props.interfaces.map((each) => ({ name: each.name, addresses: addressesOf(each), subnets: subnetsOf(each) })),
  ];
}

/** The addresses of an interface, IPv4 first. */
export function addressesOf({ address, address6 }: HostAddresses): readonly string[] {
  return [address, address6].filter((each) => each !== undefined);
}

/** The subnets of an interface: as given, or those around its addresses. */
function subnetsOf(given: HostAddresses): readonly string[] {
  return FAMILIES.flatMap(({ address, subnet, family, bits }) => {
    const own = given[address];
    if (own === undefined || familyOf(own) !== family) return [];
    return [given[subnet] ?? networkOf(own, bits)].filter((each) => canonicalCidr(each) !== undefined);
  });
}

/** Reports errors in the interfaces of a host, and conflicts between them. */
export function checkInterfaces(props: HostInterfaces, report: Report): void {
  const all: readonly Given[] = [
    { ...props, name: props.interface, path: [], owner: "the node" },
    ...props.interfaces.map((each, index) => ({ ...each, path: ["interfaces", index], owner: `interfaces[${index}]` })),
  ];
  for (const [index, each] of all.entries()) {
    const earlier = all.slice(0, index);
    checkGiven(each, report);
    checkPlaces(each, report);
    checkName(each, earlier, report);
    checkUnique(each, earlier, report);
  }
}

function checkGiven(given: Given, report: Report): void {
  if (given.address === undefined && given.address6 === undefined) {
    report("DNSLB102", [...given.path, "address"], "is required: an IPv4 address; or give 'address6' alone");
  }
  for (const { address, subnet } of FAMILIES) {
    if (given[subnet] === undefined || given[address] !== undefined) continue;
    report("DNSLB113", [...given.path, subnet], `is that of '${address}', which is missing; give both or none`);
  }
}

/** Reports addresses outside of their subnet, and those that no machine can have in it. */
function checkPlaces(given: Given, report: Report): void {
  for (const { address, subnet, family, bits } of FAMILIES) {
    const own = given[address];
    if (own === undefined || familyOf(own) !== family) continue;
    const around = given[subnet] ?? networkOf(own, bits);
    if (canonicalCidr(around) === undefined) continue;
    if (familyOf(around.split("/")[0] ?? "") !== family) {
      report("DNSLB106", [...given.path, subnet], `must be a subnet of '${address}', got "${around}"`);
    } else if (!cidrContains(around, own)) {
      report("DNSLB119", [...given.path, address], `must be an address of its subnet (${around}), got "${own}"`);
    } else {
      const mistake = placeMistake(around, own);
      if (mistake !== undefined) report("DNSLB142", [...given.path, address], mistake);
    }
  }
}

function checkName({ name, path }: Given, earlier: readonly Given[], report: Report): void {
  const property = [...path, path.length === 0 ? "interface" : "name"];
  if (name === "lo") report("DNSLB120", property, 'must not be the loopback interface, got "lo"');
  const same = earlier.find((other) => other.name === name);
  if (same) report("DNSLB112", property, `must be unique, got "${name}", which ${same.owner} has too`);
}

function checkUnique(given: Given, earlier: readonly Given[], report: Report): void {
  for (const { address, subnet } of FAMILIES) {
    const own = given[address];
    const same =
      own &&
      earlier.find((other) => addressesOf(other).some((each) => canonicalAddress(each) === canonicalAddress(own)));
    if (same) report("DNSLB112", [...given.path, address], `must be unique, got "${own}", which ${same.owner} has too`);
    const around = given[subnet];
    if (around !== undefined && canonicalCidr(around) === undefined) continue;
    const shared = around && earlier.find((other) => subnetsOf(other).some((each) => cidrsOverlap(around, each)));
    if (!around || !shared) continue;
    report(
      "DNSLB120",
      [...given.path, subnet],
      `must have no address of another interface, got ${around}, as ${shared.owner} is in`,
    );
  }
}
