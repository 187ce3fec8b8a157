import type { Directive } from "../../config/haproxy/model.js";
import { hostPort } from "../../core/ip.js";
import type { ManifestListener } from "../../model/manifest.js";
import { listener } from "./listener.js";

/** A socket of HAProxy for clients, be it that the node does not have the address yet. */
export function haproxyListener(address: string, port: number): ManifestListener {
  return listener("tcp", address, port, { foreign: true, shared: true });
}

/** Lets HAProxy listen. */
export function haproxyBind(
  { address, port, foreign, v6only }: ManifestListener,
  ...options: readonly string[]
): Directive {
  return [
    "bind",
    hostPort(address, port),
    ...(foreign ? ["transparent"] : []),
    // The kernel keeps a socket of one IPv6 address to IPv6. HAProxy must be told so: its next process takes over what
    // looks as it was told, and with any other socket it ends the connections that wait there.
    ...(v6only ? ["v6only"] : []),
    ...options,
  ];
}
