import { placeMistake } from "../../core/address-kind.js";
import { canonicalAddress, cidrContains, cidrsOverlap, familyOf } from "../../core/ip.js";
import type { Report } from "../../terraform/parse.js";
import { type DockerNetwork, networkAround, routersOf, subnetsOf } from "./docker-network.js";

/** Addresses and their network, as given. */
export interface GivenAddresses {
  readonly address: string;
  readonly address6?: string;
  readonly network?: DockerNetwork;
}

/** The interfaces of a node, as given. */
export interface GivenInterfaces extends GivenAddresses {
  readonly interface: string;
  readonly interfaces: readonly (GivenAddresses & { readonly name: string })[];
}

/** An interface as given, with the path of its properties. */
interface Given extends GivenAddresses {
  readonly name: string;
  readonly path: readonly PropertyKey[];
  /** The name of the interface in messages about another one. */
  readonly owner: string;
}

/** Reports addresses outside of their network. */
export function checkAddresses(
  { address, address6, network }: GivenAddresses,
  path: readonly PropertyKey[],
  report: Report,
): void {
  if (network === undefined || network.kind === "host") return;
  const subnets = subnetsOf(network);
  for (const [property, own] of Object.entries({ address, address6 })) {
    if (own === undefined || familyOf(own) === undefined || subnets.some((subnet) => cidrContains(subnet, own)))
      continue;
    report("DNSLB119", [...path, property], `must be an address of its network (${subnets.join(", ")}), got "${own}"`);
  }
}

/** Reports errors in the further interfaces of a node, and conflicts between interfaces. */
export function checkInterfaces(props: GivenInterfaces, report: Report): void {
  const { interfaces, network, interface: device } = props;
  if (network?.kind === "host") {
    if (interfaces.length > 0) {
      report(
        "DNSLB120",
        ["interfaces"],
        "must be left out with DockerNetwork.host(), whose interfaces are the host's; 'virtualAddresses' takes their names",
      );
    }
    return;
  }
  const all: readonly Given[] = [
    { ...props, name: device, path: [], owner: "the node" },
    ...interfaces.map((each, index) => ({ ...each, path: ["interfaces", index], owner: `interfaces[${index}]` })),
  ];
  for (const [index, each] of all.entries()) {
    const earlier = all.slice(0, index);
    if (index > 0) checkAddresses(each, each.path, report);
    checkPlaces(each, report);
    checkRouters(each, report);
    checkName(each, earlier, report);
    checkOwnAddresses(each, earlier, report);
    if (index > 0) checkNetwork(each, earlier, report);
  }
}

/** Reports addresses that no machine can have in the network. */
function checkPlaces(given: Given, report: Report): void {
  const network = networkOf(given);
  if (network === undefined) return;
  for (const [property, own] of Object.entries({ address: given.address, address6: given.address6 })) {
    if (own === undefined || familyOf(own) === undefined) continue;
    for (const subnet of subnetsOf(network)) {
      const mistake = placeMistake(subnet, own);
      if (mistake !== undefined) report("DNSLB142", [...given.path, property], mistake);
    }
  }
}

/** Reports addresses that the routers of the network have. */
function checkRouters(given: Given, report: Report): void {
  const network = networkOf(given);
  if (network === undefined || network.kind === "host") return;
  const routers = routersOf(network);
  for (const [property, own] of Object.entries({ address: given.address, address6: given.address6 })) {
    if (own === undefined || !routers.includes(canonicalAddress(own))) continue;
    const gateway = property === "address" ? "gateway" : "gateway6";
    const factory = `DockerNetwork.${network.kind}()`;
    report(
      "DNSLB137",
      [...given.path, property],
      `must not be the router of its network (${subnetsOf(network).join(", ")}), got "${own}"; choose another address, or name the router by the '${gateway}' of ${factory}`,
    );
  }
}

function checkName({ name, path }: Given, earlier: readonly Given[], report: Report): void {
  const property = [...path, path.length === 0 ? "interface" : "name"];
  if (name === "lo") report("DNSLB120", property, 'must not be the loopback interface, got "lo"');
  const same = earlier.find((other) => other.name === name);
  if (same) report("DNSLB112", property, `must be unique, got "${name}", which ${same.owner} has too`);
}

function checkOwnAddresses({ address, address6, path }: Given, earlier: readonly Given[], report: Report): void {
  for (const [property, own] of Object.entries({ address, address6 })) {
    if (own === undefined) continue;
    const same = earlier.find((other) =>
      [other.address, other.address6].some((each) => each && canonicalAddress(each) === canonicalAddress(own)),
    );
    if (same) report("DNSLB112", [...path, property], `must be unique, got "${own}", which ${same.owner} has too`);
  }
}

function checkNetwork({ network, path }: Given, earlier: readonly Given[], report: Report): void {
  if (network === undefined) return;
  const property = [...path, "network"];
  if (network.kind === "host") {
    report(
      "DNSLB120",
      property,
      "must be a network that Docker can attach, got DockerNetwork.host(), which has all interfaces of the host; give it as the node's 'network' and leave 'interfaces' out, or use DockerNetwork.macvlan() with the interface of the host as its parent",
    );
    return;
  }
  for (const other of earlier) {
    const theirs = networkOf(other);
    if (theirs === undefined || theirs.kind === "host") continue;
    for (const subnet of subnetsOf(network)) {
      const shared = subnetsOf(theirs).find((each) => cidrsOverlap(subnet, each));
      if (shared === undefined) continue;
      report("DNSLB120", property, `must have subnets of its own, got ${subnet}; ${other.owner} is in ${shared}`);
    }
    if (network.name !== undefined && network.name === theirs.name) {
      report("DNSLB112", property, `must be another network, got "${network.name}", the network of ${other.owner}`);
    }
    if (network.kind === "macvlan" && theirs.kind === "macvlan" && network.parent === theirs.parent) {
      report(
        "DNSLB112",
        property,
        `must have a parent of its own, got "${network.parent}", the parent of the network of ${other.owner}; Docker allows one network on a parent, so use a VLAN on it, such as "${network.parent}.20"`,
      );
    }
  }
}

/** The network of an interface; the first interface has a default one. */
function networkOf({ network, address, address6, path }: Given): DockerNetwork | undefined {
  if (network !== undefined || path.length > 0 || familyOf(address) !== "ipv4") return network;
  return { kind: "bridge", ...networkAround(address, familyOf(address6 ?? "") === "ipv6" ? address6 : undefined) };
}
