import { Annotations } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { type Duration, toMilliseconds } from "../core/duration.js";
import { formatProblems } from "../core/errors.js";
import { daemonName } from "../core/names.js";
import type { Percentage } from "../core/percentage.js";
import type * as model from "../model/health-check.js";
import type { BelowMinHealthy, Pool, WhenAllDown } from "../model/pool.js";
import { brand } from "../terraform/brand.js";
import { duration, madeBy, madeByOr, percentage, secret, writtenName } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import type { Report } from "../terraform/parse.js";
import { listOf, object, oneOf, optional, type Shape, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";
import { Balance, type BalanceByTransport } from "./balance.js";
import { checkAuthorities } from "./certificate-files.js";
import { checkName } from "./construct-name.js";
import { type IDeployedServer, isDeployedServer } from "./deployed-server.js";
import type { HealthCheck } from "./health-check.js";
import { checkCache, PACKET_CACHE, type PacketCacheOptions } from "./packet-cache.js";
import { checkServers, memberOf, POOL_MEMBER, type PoolMemberOptions, type WrittenMember } from "./pool-member.js";
import type { TrustStore } from "./trust-store.js";

/** The property that marks pools; holds their model. */
export const POOL: unique symbol = Symbol.for("cdktf-dns-lb.Pool");

/** A pool of downstream servers for frontends. */
export interface IPool extends IConstruct {
  /** The pool as plain data. */
  readonly [POOL]: Pool;
}

/** How to verify servers that are all queried over DNS over TLS. */
export interface PoolTlsOptions {
  /**
   * The name for which the certificates of the servers must be valid (RFC 8310). A server that has another one says so by
   * its own `tls`.
   * @default - every server has a `tls` of its own
   */
  readonly name?: string;
  /**
   * The authorities that sign the certificates of the servers, such as those of a private authority; no others count.
   * @default - the authorities that the node's system trusts
   */
  readonly trust?: TrustStore;
}

/** Properties of every kind of pool. */
export interface PoolProps {
  /** The downstream servers, at least one: by address, or servers that the app deploys itself. */
  readonly servers: readonly (PoolMemberOptions | IDeployedServer)[];
  /**
   * How the pool picks the server for a query (UDP) or a connection (TCP): one balance for both, or one for each, such as
   * `{ udp: Balance.roundRobin(), tcp: Balance.leastConnections() }`.
   * @default Balance.leastConnections()
   */
  readonly balance?: Balance | BalanceByTransport;
  /**
   * How clients are answered while all servers are down: `"try-all"` queries the servers all the same, `"refuse"` and
   * `"servfail"` answer REFUSED or SERVFAIL.
   * @default "try-all"
   */
  readonly whenAllDown?: WhenAllDown;
  /**
   * The share of its servers that must be up, whatever their weights, between "1%" and "100%". With fewer, the pool counts as
   * down, so that the few are not overrun: its `fallback` serves, or `whenAllDown` applies. Drained servers are not up.
   * @default - one server is enough
   * @see https://docs.haproxy.org/2.6/configuration.html#7.3.2-nbsrv
   */
  readonly minHealthy?: Percentage;
  /**
   * What happens while servers are up, but fewer than `minHealthy`: `"down"` counts the pool as down, `"try-all"` queries all
   * of its servers, up or down, where so many failures say more about the probes than about the servers.
   * @default "down"
   */
  readonly belowMinHealthy?: BelowMinHealthy;
  /**
   * The client address that servers see: the load balancer's (`"hidden"`), or the client's in a PROXY header, which
   * servers must be configured to expect and which works with plain DNS only.
   * @default "hidden"
   * @see https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
   */
  readonly clientAddress?: Pool["clientAddress"];
  /**
   * Queries all servers over DNS over TLS (RFC 7858), whatever clients speak, and probes them over it. A server whose
   * certificate is not valid for its name, or not signed by an authority of `trust`, is down: it gets no query. Not with
   * `clientAddress: "proxy-protocol"`, nor with servers that the app deploys.
   * @default - plain DNS to servers without a `tls` of their own
   * @see https://docs.haproxy.org/2.6/configuration.html#5.2-verifyhost
   */
  readonly tls?: PoolTlsOptions;
  /**
   * Keeps answers on each node; `{}` for a cache with all its defaults. Not with `clientAddress: "proxy-protocol"` nor
   * `Balance.sourceHash()`.
   * @default - every query is answered by a server
   * @see https://dnsdist.org/guides/cache.html
   */
  readonly cache?: PacketCacheOptions;
}

const BALANCES =
  "Balance.leastConnections(), Balance.roundRobin(), Balance.random(), Balance.sourceHash() or Balance.first()";
const BALANCE = madeBy<Balance>("Balance", BALANCES);

/** The schemas of the properties of every kind of pool. */
export const POOL_SHAPE = {
  servers: listOf(POOL_MEMBER),
  balance: withDefault(
    madeByOr<Balance, BalanceByTransport, BalanceByTransport, BalanceByTransport>(
      "Balance",
      BALANCES,
      object<BalanceByTransport>()({ udp: BALANCE, tcp: BALANCE }),
    ),
    Balance.leastConnections(),
  ),
  whenAllDown: withDefault(oneOf<WhenAllDown>({ "try-all": true, refuse: true, servfail: true }), "try-all"),
  minHealthy: optional(percentage),
  belowMinHealthy: withDefault(oneOf<BelowMinHealthy>({ down: true, "try-all": true }), "down"),
  clientAddress: withDefault(oneOf<Pool["clientAddress"]>({ hidden: true, "proxy-protocol": true }), "hidden"),
  cache: optional(PACKET_CACHE),
  tls: optional(object<PoolTlsOptions>()({ name: optional(writtenName), trust: optional(secret("TrustStore")) })),
} satisfies Shape<PoolProps>;

/** The schema of a health check. */
export const HEALTH_CHECK = madeBy<HealthCheck>(
  "HealthCheck",
  "HealthCheck.query(), HealthCheck.dnsOverTls(), HealthCheck.tcp() or HealthCheck.external()",
);

/** The schema of an idle timeout. */
export const IDLE_TIMEOUT = duration("1s", "1h");

/** Reports contradictions in the properties of any kind of pool. */
export function checkPool(
  scope: Construct & { readonly role: Pool["role"] },
  props: PoolProps & { readonly fallback?: IPool; readonly healthCheck?: HealthCheck },
  report: Report,
): void {
  checkServers(scope.role, props.servers, props.tls !== undefined, report);
  checkName(scope, report);
  checkTls(scope, props, report);
  checkCache(props, report);
  if (props.clientAddress === "proxy-protocol") {
    for (const [index, server] of props.servers.entries()) {
      if (isDeployedServer(server) || server.tls === undefined) continue;
      report(
        "DNSLB113",
        ["servers", index, "tls"],
        "cannot go with clientAddress \"proxy-protocol\", which servers take over plain DNS only; leave out 'tls' or hide the client's address",
      );
    }
  }
  const [udp, tcp = udp] = props.balance === undefined ? [] : balances(props.balance);
  checkBalance([udp, tcp], props, report);
  if (udp?.kind === "first" && tcp?.kind === "first") {
    for (const [index, server] of props.servers.entries()) {
      if (isDeployedServer(server) || server.weight === undefined || server.weight === 1) continue;
      report(
        "DNSLB113",
        ["servers", index, "weight"],
        `cannot go with Balance.first(), which sends everything to the first server that is up, got ${server.weight}; leave out 'weight', or give the pool a balance by weight, such as Balance.roundRobin()`,
      );
    }
  }
  if (props.belowMinHealthy !== undefined && props.belowMinHealthy !== "down" && props.minHealthy === undefined) {
    report(
      "DNSLB113",
      ["belowMinHealthy"],
      `has no effect without 'minHealthy', got "${props.belowMinHealthy}"; give the share of servers that must be up, or leave it out`,
    );
  }
  const overTls =
    props.tls !== undefined || props.servers.some((server) => !isDeployedServer(server) && server.tls !== undefined);
  if (overTls && props.healthCheck?.kind === "tcp") {
    report(
      "DNSLB136",
      ["healthCheck"],
      "cannot be HealthCheck.tcp() with servers over TLS, of which a connection says nothing; take HealthCheck.query(), or ask the servers without 'tls'",
    );
  }
  if (props.healthCheck?.kind === "dns-over-tls" && props.tls === undefined) {
    for (const [index, server] of props.servers.entries()) {
      if (!isDeployedServer(server) && server.tls !== undefined) continue;
      report(
        "DNSLB166",
        ["healthCheck"],
        `cannot be HealthCheck.dnsOverTls() with a server without 'tls', got ${isDeployedServer(server) ? server.node.path : `"${server.name}"`} as 'servers[${index}]'; give each server its 'tls', or take HealthCheck.query()`,
      );
    }
  }
  const asked = props.healthCheck?.kind === "query" ? props.healthCheck : undefined;
  if (overTls && asked?.randomLabel === true) {
    report(
      "DNSLB136",
      ["healthCheck"],
      "cannot ask servers over TLS for random labels: dnsdist's own probe, which alone speaks TLS, asks for one name; leave out 'randomLabel', or ask the servers without 'tls'",
    );
  }
  const unchecked =
    asked?.expect.value !== undefined ? "value" : asked?.expect.authoritative === true ? "authoritative" : undefined;
  if (unchecked !== undefined && overTls) {
    report(
      "DNSLB136",
      ["healthCheck"],
      `cannot expect '${unchecked}' of servers over TLS, whose answers dnsdist alone judges, by their RCODE; leave '${unchecked}' out, or ask the servers without 'tls'`,
    );
  }
  const further = props.fallback?.[POOL].fallback;
  if (further !== undefined) {
    report(
      "DNSLB122",
      ["fallback"],
      `must be a pool without a fallback of its own, got ${props.fallback?.node.path}, which falls back to the pool that daemons call "${further.name}"; name a pool that has none`,
    );
  }
}

/** Reports what cannot go with servers that are all over TLS. */
function checkTls(scope: Construct, { tls, servers, clientAddress }: PoolProps, report: Report): void {
  if (tls === undefined) return;
  if (tls.trust) checkAuthorities(scope, ["tls", "trust"], tls.trust, report);
  if (clientAddress === "proxy-protocol") {
    report(
      "DNSLB113",
      ["tls"],
      "cannot go with clientAddress \"proxy-protocol\", which servers take over plain DNS only; leave out 'tls' or hide the client's address",
    );
  }
  for (const [index, server] of servers.entries()) {
    if (isDeployedServer(server)) {
      report(
        "DNSLB113",
        ["servers", index],
        `must be given by address in a pool with 'tls', got ${server.node.path}, which answers plain DNS alone; leave out 'tls', or put it into another pool`,
      );
    } else if (tls.name === undefined && server.tls === undefined) {
      report(
        "DNSLB113",
        ["servers", index],
        "must have a 'tls' with the name of its certificate, because the 'tls' of the pool has no 'name'; add the one or the other",
      );
    }
  }
}

/** Reports a spare server order for one transport of servers that are asked over TLS on both. */
function checkBalance([udp, tcp]: readonly (Balance | undefined)[], { servers, tls }: PoolProps, report: Report): void {
  if (udp?.kind === tcp?.kind || ![udp, tcp].some((each) => each?.kind === "first")) return;
  for (const [index, server] of servers.entries()) {
    if (isDeployedServer(server) || (server.tls ?? tls) === undefined) continue;
    report(
      "DNSLB113",
      ["servers", index, "tls"],
      "cannot go with Balance.first() for one transport alone: dnsdist has one connection to a server over TLS, for what comes over UDP and over TCP; leave out 'tls', or give both transports one balance",
    );
  }
}

/** The balance for UDP, and that for TCP if it is another. */
function balances(balance: Balance | BalanceByTransport): readonly [Balance, Balance?] {
  return "kind" in balance ? [balance] : [balance.udp, balance.tcp];
}

/** The longer of two durations. */
export function longer(a: Duration, b: Duration): Duration {
  return toMilliseconds(a) >= toMilliseconds(b) ? a : b;
}

/** The model of a health check in a pool of this role, with what its servers are asked by default. */
export function healthCheckOf(
  check: HealthCheck,
  role: Pool["role"],
  question: Pick<model.HealthCheck, "name" | "type">,
): model.HealthCheck {
  const authoritative = role === "authoritative";
  if (check.kind === "tcp" || check.kind === "external") {
    const expect = { rcodes: ["NOERROR"], answer: "optional", authoritative: false } as const;
    return { ...check, ...question, recursionDesired: !authoritative, expect };
  }
  return { recursionDesired: !authoritative, ...check, kind: "query", expect: { authoritative, ...check.expect } };
}

/** The part of the model that is common to all kinds of pool. */
export function commonModel(
  id: string,
  { fallback, servers, tls, minHealthy, belowMinHealthy, balance: given, ...rest }: CommonProps,
): Omit<Pool, "role" | "healthCheck" | "zones" | "zoneTransfer" | "idleTimeout"> {
  const [balance, tcpBalance] = balances(given);
  return {
    name: daemonName(id),
    ...rest,
    balance,
    ...(tcpBalance === undefined ? {} : { tcpBalance }),
    servers: servers.map((server) => memberOf(server, tls?.name)),
    ...(tls?.trust === undefined ? {} : { trust: tls.trust }),
    ...(minHealthy === undefined ? {} : { minimumUp: Math.ceil((servers.length * minHealthy) / 100), belowMinHealthy }),
    ...(fallback === undefined ? {} : { fallback: fallback[POOL] }),
  };
}

/** The properties of every kind of pool as they are kept. */
type CommonProps = Pick<
  Pool,
  Exclude<keyof PoolProps, "servers" | "tls" | "balance" | "minHealthy" | "belowMinHealthy">
> & {
  readonly balance: Balance | BalanceByTransport;
  readonly servers: readonly WrittenMember[];
  readonly tls?: PoolTlsOptions;
  readonly fallback?: IPool;
  /** In percent. */
  readonly minHealthy?: number;
  readonly belowMinHealthy: BelowMinHealthy;
};

/** A pool in the construct tree. */
export abstract class PoolBase extends Construct implements IPool {
  abstract readonly [POOL]: Pool;

  /** DNSLB165: warns of what a check by TCP does not see. */
  protected warnOf({ kind }: HealthCheck): void {
    if (kind !== "tcp") return;
    const message =
      "sees closed ports alone: a server that hangs, or answers nothing but SERVFAIL, is up, because its kernel accepts connections; take HealthCheck.query() where servers may be asked";
    Annotations.of(this).addWarning(formatProblems([{ code: "DNSLB165", property: "healthCheck", message }]));
  }

  constructor(scope: Construct, id: string, kind: "ResolverPool" | "AuthoritativePool") {
    super(...placeOf(kind, scope, id));
    recordSourceLocation(this);
    brand(this, kind);
  }
}
