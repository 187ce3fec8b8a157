import type { DaemonName } from "../../model/daemon-name.js";
import type { DeployedServer } from "../../model/deployed-server.js";
import type { DnsCheck } from "../../model/manifest.js";
import { digestOf } from "./digest.js";
import { ALIVE_ZONE } from "./names.js";

/** A name for the texts of a release, which it answers and no other: so a change is believed only when it is in force. */
export function aliveNameOf(...texts: readonly string[]): string {
  return `${digestOf(...texts)}.${ALIVE_ZONE}`;
}

/**
 * What a server must answer on each of its addresses: with the name of a release while that is in force, without one
 * while it lives.
 */
export function serverAlive(
  service: DaemonName,
  { node, port }: DeployedServer,
  proxyProtocol: boolean,
  name = ALIVE_ZONE,
): DnsCheck[] {
  return node.addresses.map((address) => ({ kind: "dns", service, port, name, address, proxyProtocol }));
}
