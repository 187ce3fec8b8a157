import type { DaemonVersion } from "./platform-profile.js";

/** DNS servers that take the client's address from PROXY headers (version 2), over UDP and TCP, and since when. */
export const PROXY_SINCE = {
  bind: "9.20",
  "knot-resolver": "5.4",
  nsd: "4.8",
  pdns: "4.6",
  "pdns-recursor": "4.4",
  unbound: "1.17",
} as const satisfies Readonly<Record<string, DaemonVersion>>;

/** A DNS server by the name of its Debian package, without the 9 of BIND. */
export type ServerSoftware = keyof typeof PROXY_SINCE;
