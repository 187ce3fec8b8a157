import { placeMistake } from "../core/address-kind.js";
import type { Problem } from "../core/errors.js";
import type { DeployedServer } from "../model/deployed-server.js";

/** DNSLB142: peers of a server with an address that no machine can have in a subnet that its node reaches. */
export function peerPlaces(server: DeployedServer, subnets: readonly string[]): readonly Problem[] {
  return peersOf(server).flatMap(({ property, address }) =>
    subnets.flatMap((subnet) => {
      const message = placeMistake(subnet, address);
      return message === undefined ? [] : [{ code: "DNSLB142" as const, property, message }];
    }),
  );
}

interface Peer {
  /** As the user wrote it. */
  readonly property: string;
  readonly address: string;
}

/** The servers that a server asks or serves, in the order in which the user gives them; nodes of the app may follow. */
function peersOf(server: DeployedServer): readonly Peer[] {
  const listed = (property: string, peers: readonly { readonly address: string }[]) =>
    peers.map(({ address }, index): Peer => ({ property: `${property}[${index}].address`, address }));
  if (server.kind === "unbound") {
    return [
      ...listed("forwardTo", server.forwardTo),
      ...server.forwardZones.flatMap(({ forwardTo }, index) => listed(`forwardZones[${index}].forwardTo`, forwardTo)),
    ];
  }
  return [
    ...server.zones.flatMap((zone, index) =>
      zone.kind === "secondary" ? listed(`zones[${index}].primaries`, zone.primaries) : [],
    ),
    ...listed("secondaries", server.secondaries),
  ];
}
