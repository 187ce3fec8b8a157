import type { IConstruct } from "constructs";
import { type IPool, POOL } from "../dns/pool.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { ownAddressesOf } from "../model/node.js";
import type { DaemonVersion } from "../model/platform-profile.js";
import { PROXY_SINCE, type ServerSoftware } from "../model/server-software.js";
import { serverSettings } from "../node/compile/server-settings.js";
import { isOlder } from "../node/features.js";
import { construct } from "../terraform/fields.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, field, object, oneOf, show } from "../terraform/schema.js";

/** The server whose configuration is asked for. */
export interface ServerSettingsOptions {
  /** The pool that the server is in, which tells servers the addresses of clients (`clientAddress: "proxy-protocol"`). */
  readonly pool: IPool;
  /** What runs there. Knot DNS is not among them, because it reads PROXY headers over UDP alone. */
  readonly software: ServerSoftware;
  /**
   * Its version, such as `"9.20"`: from BIND 9.20, Knot Resolver 5.4, NSD 4.8, PowerDNS Authoritative 4.6 (`"pdns"`), PowerDNS
   * Recursor 4.4 and unbound 1.17 on.
   */
  readonly version: DaemonVersion;
}

/** The lines of configuration for a server of a pool of this load balancer. */
export function serverSettingsFor(
  scope: IConstruct,
  model: LoadBalancer,
  options: ServerSettingsOptions,
): readonly string[] {
  const { pool, software, version } = parseProps(scope, INPUT, options);
  const ports = [...new Set(pool[POOL].servers.map(({ port }) => port))].sort((a, b) => a - b);
  return serverSettings(software, { sources: model.nodes.flatMap(ownAddressesOf), ports, version });
}

const SCHEMA = object<ServerSettingsOptions>()({
  pool: construct<IPool>(["ResolverPool", "AuthoritativePool"], "a ResolverPool or an AuthoritativePool"),
  software: oneOf<ServerSoftware>({
    bind: true,
    "knot-resolver": true,
    nsd: true,
    pdns: true,
    "pdns-recursor": true,
    unbound: true,
  }),
  version: field<DaemonVersion>({
    code: "DNSLB103",
    allowed: 'a version such as "9.20"',
    accepts: (value) => typeof value === "string" && /^[0-9]+[.][0-9]+$/.test(value),
    refusal: (value) => `must be a version such as "9.20", got ${show(value)}`,
  }),
});

const INPUT = { name: "serverSettings()", schema: SCHEMA, check };

function check({ pool, software, version }: Filled<typeof SCHEMA>, report: Report): void {
  const { name, clientAddress } = pool[POOL];
  if (clientAddress === "hidden") {
    report(
      "DNSLB113",
      ["pool"],
      `must tell its servers the addresses of clients, got pool "${name}", which hides them; set its clientAddress: "proxy-protocol"`,
    );
  }
  const since = PROXY_SINCE[software];
  if (!isOlder(version, since)) return;
  report(
    "DNSLB125",
    ["version"],
    `must be ${since} or newer, the first of ${software} that reads PROXY headers over UDP and TCP, got "${version}"`,
  );
}
