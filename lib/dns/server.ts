import type { IConstruct } from "constructs";
import { canonicalAddress, hostPort } from "../core/ip.js";
import type { DnsServer } from "../model/dns-server.js";
import type { LoadBalancerNode } from "../model/load-balancer.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { Pool } from "../model/pool.js";
import type { Server } from "../model/server.js";
import { isOfKind } from "../terraform/brand.js";
import { address, construct, integer, plainName, port, writtenName } from "../terraform/fields.js";
import type { Report } from "../terraform/parse.js";
import { constructOr, type Field, keptAs, object, optional, withDefault } from "../terraform/schema.js";

/** Marks the servers that an app deploys itself; pools, tests and the lab find them by it. */
export const SERVER: unique symbol = Symbol.for("cdktf-dns-lb.Server");

/** A DNS server that the app deploys itself, for the `servers` of a pool. */
export interface IServer extends IConstruct {
  /** What the parts of the library share about it. */
  readonly [SERVER]: ServerHandle;
}

/** What the parts of the library see of a server that the app deploys itself. */
export interface ServerHandle {
  /** The pools that it may be in. */
  readonly role: Pool["role"];
  /** The server as pools see it. */
  readonly server: Server;
  /** The zones that it answers for; absent for resolvers. */
  readonly zones?: readonly string[];
  readonly node: LoadBalancerNode;
  readonly profile: PlatformProfile;
  /** The server as plain data. */
  model(): DnsServer;
  /** What its node needs. */
  specOf(profile: PlatformProfile): NodeSpec;
}

/**
 * A DNS server behind a pool. It needs room for a TCP connection of each client that is connected: see unbound's
 * `incoming-num-tcp` (10 by default) and NSD's `tcp-count` (100).
 */
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

/** The schema of a server of a pool, kept as its model. */
export const POOL_SERVER: Field<IServer | ServerOptions, Server> = keptAs(
  constructOr(
    construct<IServer>(["UnboundServer", "NsdServer"], "an UnboundServer or an NsdServer"),
    object<ServerOptions>()({
      name: plainName,
      address,
      port: optional(port),
      weight: withDefault(integer(1, 256), 1),
      tls: optional(object<ServerTlsOptions>()({ name: writtenName })),
    }),
  ),
  (given) => (isServer(given) ? given[SERVER].server : { ...given, port: portOf(given) }),
);

/** Tells a server that the app deploys itself from a plain address. */
export function isServer(server: object): server is IServer {
  return isOfKind(server, "UnboundServer", "NsdServer");
}

/** The name of a server of either kind, however it is given. */
export function nameOf(given: IServer | ServerOptions): string {
  return isServer(given) ? given[SERVER].server.name : given.name;
}

function placeOf(given: IServer | ServerOptions): string {
  const { address, port } = isServer(given) ? given[SERVER].server : { address: given.address, port: portOf(given) };
  return hostPort(canonicalAddress(address), port);
}

function portOf({ port, tls }: ServerOptions): number {
  return port ?? (tls === undefined ? 53 : 853);
}

/** Reports servers of the other role, and servers that are there twice, by name or by address and port. */
export function checkServers(role: Pool["role"], servers: readonly (IServer | ServerOptions)[], report: Report): void {
  for (const [index, server] of servers.entries()) {
    if (!isServer(server) || server[SERVER].role === role) continue;
    const wanted = role === "resolver" ? "a resolver, such as an UnboundServer" : "authoritative, such as an NsdServer";
    report("DNSLB122", ["servers", index], `must be ${wanted}, got ${server.node.path}, which is not`);
  }
  if (servers.length === 0) {
    report("DNSLB111", ["servers"], "must hold at least one server, got an empty list");
  }
  const [names, places] = [servers.map(nameOf), servers.map(placeOf)];
  for (const index of servers.keys()) {
    const [name, place] = [names[index] ?? "", places[index] ?? ""];
    const sameName = names.indexOf(name);
    if (sameName < index) {
      report("DNSLB112", ["servers", index, "name"], `must be unique, got "${name}", the name of servers[${sameName}]`);
    }
    const samePlace = places.indexOf(place);
    if (samePlace < index) {
      report(
        "DNSLB112",
        ["servers", index, "address"],
        `must be unique with its port, got ${place}, the place of servers[${samePlace}]`,
      );
    }
  }
}
