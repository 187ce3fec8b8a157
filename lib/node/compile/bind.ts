import type { Directive } from "../../config/haproxy/model.js";
import { hostPort } from "../../core/ip.js";
import type { ManifestListener } from "../../model/manifest.js";
import { listener } from "./listener.js";

/** A listening socket of HAProxy for clients, on an address that the node may not have yet. */
export function haproxyListener(address: string, port: number): ManifestListener {
  return listener("tcp", address, port, { foreign: true, shared: true });
}

/** HAProxy's `bind` directive for a listening socket. */
export function haproxyBind(
  { address, port, foreign, v6only }: ManifestListener,
  ...options: readonly string[]
): Directive {
  return [
    "bind",
    hostPort(address, port),
    ...(foreign ? ["transparent"] : []),
    // On reload HAProxy inherits a listening socket only if its options match. The kernel sets IPV6_V6ONLY on a socket
    // of one IPv6 address: without `v6only` HAProxy would bind anew, and reset the connections that wait on the old
    // socket.
    ...(v6only ? ["v6only"] : []),
    ...options,
  ];
}
