import type { DaemonName } from "../../model/daemon-name.js";
import type { DeployedServer } from "../../model/deployed-server.js";
import type { DnsCheck } from "../../model/manifest.js";
import { digestOf } from "./digest.js";
import { ALIVE_ZONE } from "./names.js";

/** The name that only a server with this release answers, made of the release's texts; proves that a change is live. */
export function aliveNameOf(...texts: readonly string[]): string {
  return `${digestOf(...texts)}.${ALIVE_ZONE}`;
}

/**
 * The checks of a server, one on each of its addresses: that a certain release is live if `name` is that of a release,
 * else that the server answers.
 */
export function serverAlive(
  service: DaemonName,
  { node, port }: DeployedServer,
  proxyProtocol: boolean,
  name = ALIVE_ZONE,
): DnsCheck[] {
  return node.addresses.map((address) => ({ kind: "dns", service, port, name, address, proxyProtocol }));
}
