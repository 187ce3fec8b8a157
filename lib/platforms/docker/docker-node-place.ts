import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import type { IConstruct } from "constructs";
import { cidrsOverlap } from "../../core/ip.js";
import type { ManifestListener } from "../../model/manifest.js";
import type { Report } from "../../terraform/parse.js";
import { isSameNetwork, type MadeNetwork } from "./docker-engine-network.js";
import { type DockerNetwork, subnetsOf } from "./docker-network.js";
import { engineOf } from "./engine-provider.js";

/** Where a node stands: its engine, and what it has there. */
export interface DockerPlace {
  /** The construct path of the node. */
  readonly path: string;
  readonly provider: DockerProvider;
  /** The name of the node, of which its container and volumes have theirs. */
  readonly name: string;
  readonly interfaces: readonly PlacedInterface[];
  /** The sockets of its daemons; none while they are not known. */
  readonly listeners?: () => readonly ManifestListener[];
}

/** An interface of a node, and the network behind it. */
export interface PlacedInterface {
  readonly name: string;
  readonly network: DockerNetwork;
  /** The path of the property that gives the network. */
  readonly path: readonly PropertyKey[];
}

/** The name of a node's network in Docker. */
function nameOf({ name: node, interfaces }: DockerPlace, index: number): string | undefined {
  const { name, network } = interfaces[index] ?? {};
  if (network === undefined || network.kind === "host") return undefined;
  return network.name ?? (index === 0 ? `dns-lb-${node}` : `dns-lb-${node}-${name}`);
}

const SHARED = "give both a network that their hosts share, such as DockerNetwork.macvlan() or DockerNetwork.host()";

/** Why nothing passes between the networks of two nodes, and what to do about it; undefined where something may. */
export function obstacleBetween(one: DockerPlace, other: DockerPlace, device?: string): string | undefined {
  const [first, second] = [placed(one, device), placed(other, device)];
  if (first === undefined || second === undefined) return undefined;
  const networks = [first.network, second.network] as const;
  const isOneEngine = engineOf(one.provider) === engineOf(other.provider);
  const both = `${one.path} in DockerNetwork.${networks[0].kind}() and ${other.path} in DockerNetwork.${networks[1].kind}()`;
  if (networks.every(({ kind }) => kind === "host")) {
    return isOneEngine
      ? `${both} of one engine, whose ports both would take; put each node on an engine of its own`
      : undefined;
  }
  const bridges = networks.filter(({ kind }) => kind === "bridge");
  if (bridges.length === 2) {
    if (one.provider !== other.provider) {
      return `${both} of two providers: a bridge ends at its engine; ${SHARED}`;
    }
    return isSameNetwork(networks[0] as MadeNetwork, networks[1] as MadeNetwork)
      ? undefined
      : `${both} of another subnet or name: Docker lets nothing pass between two bridges; give both nodes the same one`;
  }
  if (bridges.length === 1) {
    const names = [nameOf(one, one.interfaces.indexOf(first)), nameOf(other, other.interfaces.indexOf(second))];
    const isExisting = networks.some(({ kind }) => kind === "existing") && names[0] === names[1];
    return isExisting ? undefined : `${both}: a bridge ends at its engine, and holds its own nodes alone; ${SHARED}`;
  }
  const [macvlan, host] = networks[0].kind === "macvlan" ? [networks[0], second] : [networks[1], first];
  if (isOneEngine && macvlan.kind === "macvlan" && host.network.kind === "host" && macvlan.parent === host.name) {
    return `${both} of one engine: a host does not reach the macvlan networks of its own interface "${host.name}"; put each node on an engine of its own`;
  }
  return undefined;
}

/** Why nothing passes between the network of a node and one that no Docker engine runs; undefined where something may. */
export function obstacleToHost(one: DockerPlace, other: string, device?: string): string | undefined {
  if (placed(one, device)?.network.kind !== "bridge") return undefined;
  return `${one.path} in DockerNetwork.bridge() and ${other} on a host: a bridge ends at its engine, and holds its own nodes alone; give ${one.path} a network that its engine's host shares with the other one, such as DockerNetwork.macvlan() or DockerNetwork.host()`;
}

function placed({ interfaces }: DockerPlace, device: string | undefined): PlacedInterface | undefined {
  return device === undefined ? interfaces[0] : interfaces.find(({ name }) => name === device);
}

/** The nodes of an app that were made, by the root of its tree and by engine. */
const PLACES = new WeakMap<IConstruct, Map<DockerProvider | string, DockerPlace[]>>();

/** The nodes of the app on an engine. */
export function placesOn({ node: { root } }: IConstruct, provider: DockerProvider): DockerPlace[] {
  const engines = PLACES.get(root) ?? new Map<DockerProvider | string, DockerPlace[]>();
  PLACES.set(root, engines);
  const places = engines.get(engineOf(provider)) ?? [];
  engines.set(engineOf(provider), places);
  return places;
}

/** Lets later nodes of the app be checked against one that was made. */
export function rememberPlace(node: IConstruct, place: DockerPlace): void {
  placesOn(node, place.provider).push(place);
}

/** Reports what an engine would refuse, because an earlier node of the app has it there. */
export function checkPlace(node: IConstruct, place: DockerPlace, report: Report): void {
  const others = placesOn(node, place.provider);
  const same = others.find(({ name }) => name === place.name);
  if (same !== undefined) {
    report(
      "DNSLB112",
      ["name"],
      `must be unique on an engine, got "${place.name}", the name of ${same.path}, so that their containers would have one name; give one of them another`,
    );
  }
  for (const [index, { network, path }] of place.interfaces.entries()) {
    const mine = { provider: place.provider, network, name: nameOf(place, index) };
    for (const other of others) {
      const conflict = other.interfaces
        .map((each, at) =>
          conflictOf(mine, { provider: other.provider, network: each.network, name: nameOf(other, at) }),
        )
        .find((each) => each !== undefined);
      if (conflict === undefined) continue;
      report("DNSLB146", path, `${conflict.what} ${other.path}${conflict.fix}`);
      break;
    }
  }
}

interface EngineNetwork {
  readonly provider: DockerProvider;
  readonly network: DockerNetwork;
  readonly name: string | undefined;
}

/** Why two networks cannot be on one engine: a message around the path of the other node. */
function conflictOf(
  one: EngineNetwork,
  other: EngineNetwork,
): { readonly what: string; readonly fix: string } | undefined {
  const [mine, theirs] = [one.network, other.network];
  if (mine.kind === "host" || theirs.kind === "host") return undefined;
  const isMade = mine.kind !== "existing" && theirs.kind !== "existing";
  const isOne = isMade ? one.provider === other.provider && isSameNetwork(mine, theirs) : one.name === other.name;
  const subnets = subnetsOf(mine);
  if (isOne) {
    // An existing network is described anew each time.
    const shared = subnetsOf(theirs);
    if (isMade || subnets[0] === shared[0]) return undefined;
    return {
      what: `must have the subnet ${shared[0]}, got ${subnets[0]}: network "${one.name}" is that of`,
      fix: "; correct one of the two",
    };
  }
  // What exists, an engine has taken already.
  if (mine.kind === "existing" && theirs.kind === "existing") return undefined;
  const existing =
    one.provider === other.provider
      ? "; give both nodes the same network"
      : "; in all stacks but one give DockerNetwork.existing() with its name, or, if the engines are two, each provider its 'host'";
  if (one.name === other.name) {
    return {
      what: `must be the same network wherever it has the name "${one.name}", got another one than that of`,
      fix: `${existing}`,
    };
  }
  if (mine.kind === "macvlan" && theirs.kind === "macvlan" && mine.parent === theirs.parent) {
    return {
      what: `must have a parent of its own, got "${mine.parent}", the parent of another network, that of`,
      fix: `${existing}, or use a VLAN, such as "${mine.parent}.20"`,
    };
  }
  for (const subnet of subnets) {
    const shared = subnetsOf(theirs).find((each) => cidrsOverlap(subnet, each));
    if (shared === undefined) continue;
    return {
      what: `must have subnets of its own on an engine, got ${subnet}, which overlaps ${shared} of`,
      fix: existing,
    };
  }
  return undefined;
}
