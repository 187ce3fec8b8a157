import type { IConstruct } from "constructs";
import type { Problem } from "../../core/errors.js";
import { hostPort } from "../../core/ip.js";
import { sharedSocket } from "../../model/shared-socket.js";
import { type DockerPlace, placesOn } from "./docker-node-place.js";

/**
 * DNSLB002: nodes on the network of one host whose daemons would listen on one socket. Of two nodes, the later one reports
 * it. The nodes of a pair are refused before.
 */
export function hostSocketProblems(node: IConstruct, place: DockerPlace): readonly Problem[] {
  if (!isOnHost(place)) return [];
  const places = placesOn(node, place.provider);
  return places.slice(0, places.indexOf(place)).flatMap((other) => {
    const found = isOnHost(other) ? sharedSocket(place.listeners?.() ?? [], other.listeners?.() ?? []) : undefined;
    if (found === undefined) return [];
    const [mine, theirs] = found.map(({ address, port }) => hostPort(address, port));
    const where = mine === theirs ? `${mine}, where` : `${mine}, which is taken with ${theirs}, where`;
    const message = `is on the network of its host and listens on ${where} ${other.path} on the same host listens already; give one of them a network of its own, such as DockerNetwork.macvlan(), another port or another engine`;
    return [{ code: "DNSLB002" as const, property: "network", message }];
  });
}

function isOnHost({ interfaces }: DockerPlace): boolean {
  return interfaces.some(({ network }) => network.kind === "host");
}
