import type { Directive } from "../../config/haproxy/model.js";
import { familyOf, hostPort } from "../../core/ip.js";

/** Lets HAProxy listen to an address, be it that the node does not have it yet. */
export function haproxyBind(address: string, port: number, ...options: readonly string[]): Directive {
  // The kernel keeps a socket of one IPv6 address to IPv6. HAProxy must be told so: its next process takes over what
  // looks as it was told, and with any other socket it ends the connections that wait there.
  const family = familyOf(address) === "ipv6" ? ["v6only"] : [];
  return ["bind", hostPort(address, port), "transparent", ...family, ...options];
}
