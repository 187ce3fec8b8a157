import { canonicalAddress, familyOf } from "../../core/ip.js";
import type { ManifestListener } from "../../model/manifest.js";

/** What a daemon asks of the kernel for a socket that it listens on. */
export type SocketTraits = Pick<ManifestListener, "foreign" | "shared"> & Partial<Pick<ManifestListener, "sockets">>;

/** A socket that a daemon listens on. Every daemon of a node keeps its sockets of IPv6 to IPv6. */
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
