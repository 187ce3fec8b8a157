import { canonicalAddress, familyOf } from "../../core/ip.js";
import type { ManifestListener } from "../../model/manifest.js";

/** The options of a listening socket that differ between daemons. */
export type SocketTraits = Pick<ManifestListener, "foreign" | "shared"> & Partial<Pick<ManifestListener, "sockets">>;

/** A listening socket of a daemon. All daemons of a node set IPV6_V6ONLY on IPv6 sockets. */
export function listener(
  transport: ManifestListener["transport"],
  address: string,
  port: number,
  { foreign, shared, sockets = 1 }: SocketTraits,
): ManifestListener {
  return {
    address: canonicalAddress(address),
    port,
    transport,
    foreign,
    shared,
    v6only: familyOf(address) === "ipv6",
    sockets,
  };
}

/** Sockets for UDP and for TCP at one endpoint. */
export function bothListeners(address: string, port: number, traits: SocketTraits): ManifestListener[] {
  return (["udp", "tcp"] as const).map((transport) => listener(transport, address, port, traits));
}
