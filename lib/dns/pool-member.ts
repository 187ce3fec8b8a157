import { canonicalAddress, hostPort } from "../core/ip.js";
import type { Pool } from "../model/pool.js";
import type { PoolMember } from "../model/pool-member.js";
import { serverAddress } from "../terraform/address-fields.js";
import { construct, integer, plainName, port, writtenName } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { constructOr, type Field, keptAs, object, optional, withDefault } from "../terraform/schema.js";
import { DEPLOYED_SERVER, type IDeployedServer, isDeployedServer } from "./deployed-server.js";
import { firstEqual } from "./duplicates.js";

/**
 * A downstream server of a pool. It must accept as many TCP connections as clients have open at once: see unbound's
 * `incoming-num-tcp` (10 by default) and NSD's `tcp-count` (100).
 */
export interface PoolMemberOptions {
  /** The name of the server in daemons, metrics and logs. Unique in its pool; letters, digits, `-` and `_`. */
  readonly name: string;
  /** The IPv4 or IPv6 address of the server. */
  readonly address: string;
  /**
   * The port on which the server answers, UDP and TCP.
   * @default - 53, or 853 over TLS
   */
  readonly port?: number;
  /**
   * The share of queries, or of clients with `Balance.sourceHash()`: twice the weight, twice the share. Between 1 and 256.
   * Not with `Balance.first()`.
   * @default 1
   */
  readonly weight?: number;
  /**
   * Sends queries to the server over DNS over TLS and verifies its certificate.
   * @default - the `tls` of the pool; without it, plain DNS
   */
  readonly tls?: ServerTlsOptions;
}

/** How to verify a DNS over TLS server. */
export interface ServerTlsOptions {
  /** The name for which the authorities of the pool (`tls.trust`), or the node's, must verify the server's certificate. */
  readonly name: string;
}

/** A server of a pool as it is written, before it gets what the pool has for all. */
export type WrittenMember = Omit<PoolMember, "port"> & { readonly port?: number };

/** The schema of a pool member. */
export const POOL_MEMBER: Field<IDeployedServer | PoolMemberOptions, WrittenMember> = keptAs(
  constructOr(
    construct<IDeployedServer>(["UnboundServer", "NsdServer"], "an UnboundServer or an NsdServer"),
    object<PoolMemberOptions>()({
      name: plainName,
      address: serverAddress,
      port: optional(port),
      weight: withDefault(integer(1, 256), 1),
      tls: optional(object<ServerTlsOptions>()({ name: writtenName })),
    }),
  ),
  (given) => (isDeployedServer(given) ? given[DEPLOYED_SERVER].server : given),
);

/** A server with the name for TLS that its pool has for all, and the port on which it answers. */
export function memberOf(written: WrittenMember, tlsName: string | undefined): PoolMember {
  const tls = written.tls ?? (tlsName === undefined ? undefined : { name: tlsName });
  return { ...written, ...(tls === undefined ? {} : { tls }), port: portOf(written, tls !== undefined) };
}

/** The name of a pool member of either kind. */
export function nameOf(given: IDeployedServer | PoolMemberOptions): string {
  return isDeployedServer(given) ? given[DEPLOYED_SERVER].server.name : given.name;
}

function endpointOf(given: IDeployedServer | PoolMemberOptions, overTls: boolean): string {
  const { address, port } = isDeployedServer(given)
    ? given[DEPLOYED_SERVER].server
    : { address: given.address, port: portOf(given, overTls || given.tls !== undefined) };
  return hostPort(canonicalAddress(address), port);
}

function portOf({ port }: { readonly port?: number }, overTls: boolean): number {
  return port ?? (overTls ? 853 : 53);
}

/** Reports servers of another role, and duplicates by name or by address and port; `overTls` says that all are over TLS. */
export function checkServers(
  role: Pool["role"],
  servers: readonly (IDeployedServer | PoolMemberOptions)[],
  overTls: boolean,
  report: Report,
): void {
  for (const [index, server] of servers.entries()) {
    if (!isDeployedServer(server) || server[DEPLOYED_SERVER].role === role) continue;
    const wanted = role === "resolver" ? "a resolver, such as an UnboundServer" : "authoritative, such as an NsdServer";
    report("DNSLB122", ["servers", index], `must be ${wanted}, got ${server.node.path}, which is not`);
  }
  if (servers.length === 0) {
    report("DNSLB111", ["servers"], "must hold at least one server, got an empty list");
  }
  const [names, endpoints] = [servers.map(nameOf), servers.map((server) => endpointOf(server, overTls))];
  const [sameNames, sameEndpoints] = [firstEqual(names), firstEqual(endpoints)];
  for (const index of servers.keys()) {
    const [name, endpoint] = [names[index], endpoints[index]];
    const [sameName, sameEndpoint] = [sameNames[index], sameEndpoints[index]];
    if (sameName !== undefined) {
      report("DNSLB112", ["servers", index, "name"], `must be unique, got "${name}", the name of servers[${sameName}]`);
    }
    if (sameEndpoint !== undefined) {
      report(
        "DNSLB112",
        ["servers", index, "address"],
        `must be unique with its port, got ${endpoint}, the endpoint of servers[${sameEndpoint}]`,
      );
    }
  }
}
