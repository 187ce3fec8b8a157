import { canonicalAddress, hostPort } from "../core/ip.js";
import type { Server } from "../model/server.js";
import { address, domainName, integer, plainName, port } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { object, optional } from "../terraform/schema.js";

/** A DNS server behind a pool. */
export interface ServerOptions {
  /** What daemons, metrics and logs call it. Unique in its pool; letters, digits, `-` and `_`. */
  readonly name: string;
  /** Its IPv4 or IPv6 address. */
  readonly address: string;
  /**
   * The port that it answers on, UDP and TCP.
   * @default - 53, or 853 with `tls`
   */
  readonly port?: number;
  /**
   * Its share of the work: twice the weight, twice the share. Between 1 and 256.
   * @default 1
   */
  readonly weight?: number;
  /**
   * Speaks DNS over TLS to the server and verifies its certificate.
   * @default - plain DNS
   */
  readonly tls?: ServerTlsOptions;
}

/** How to verify a DNS over TLS server. */
export interface ServerTlsOptions {
  /** The name that its certificate must be valid for, by the node's trust store. */
  readonly name: string;
}

/** The schema of a server of a pool. */
export const SERVER = object<ServerOptions>({
  name: plainName,
  address,
  port: optional(port),
  weight: optional(integer(1, 256)),
  tls: optional(object<ServerTlsOptions>({ name: domainName })),
});

/** The model of a server, defaults filled in. */
export function serverOf({ name, address, port, weight = 1, tls }: ServerOptions): Server {
  return {
    name,
    address: canonicalAddress(address),
    port: port ?? (tls ? 853 : 53),
    weight,
    ...(tls === undefined ? {} : { tls: { name: tls.name } }),
  };
}

/** Reports servers that are there twice, by name or by address and port. */
export function checkServers(servers: readonly ServerOptions[], report: Report): void {
  if (servers.length === 0) {
    report("DNSLB111", ["servers"], "must hold at least one server, got an empty list");
  }
  const models = servers.map(serverOf);
  for (const [index, server] of models.entries()) {
    const sameName = models.findIndex(({ name }) => name === server.name);
    if (sameName < index) {
      report(
        "DNSLB112",
        ["servers", index, "name"],
        `must be unique, got "${server.name}", the name of servers[${sameName}]`,
      );
    }
    const place = hostPort(server.address, server.port);
    const samePlace = models.findIndex(({ address, port }) => hostPort(address, port) === place);
    if (samePlace < index) {
      report(
        "DNSLB112",
        ["servers", index, "address"],
        `must be unique with its port, got ${place}, the place of servers[${samePlace}]`,
      );
    }
  }
}
