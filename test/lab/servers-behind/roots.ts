import { KeptRoot } from "../../hosts/kept-root.js";

/** The releases of Debian whose servers are tried. */
export const SUITES = ["bookworm", "trixie"] as const;
export type Suite = (typeof SUITES)[number];

const PACKAGES = [
  ...["bind9", "knot", "knot-resolver", "nsd", "pdns-backend-bind", "pdns-recursor", "pdns-server", "unbound"],
  ...["ca-certificates", "procps"],
];

/** The root of a release with the servers that are tried behind load balancers. Nothing is started in it but by tests. */
export function serversRoot(suite: Suite): KeptRoot {
  return new KeptRoot("servers", suite, { packages: PACKAGES });
}
