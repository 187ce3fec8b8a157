import type { Construct } from "constructs";
import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { canonicalDomainName } from "../core/names.js";
import type { Pool } from "../model/pool.js";
import { clientNetwork, clientSource } from "../terraform/address-fields.js";
import { construct, domainName, plainName } from "../terraform/fields.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { DEPLOYED_SERVER, isDeployedServer } from "./deployed-server.js";
import { checkDuplicates, firstEqual } from "./duplicates.js";
import { HealthCheck } from "./health-check.js";
import {
  checkPool,
  commonModel,
  HEALTH_CHECK,
  healthCheckOf,
  IDLE_TIMEOUT,
  type IPool,
  longer,
  POOL,
  POOL_SHAPE,
  PoolBase,
  type PoolProps,
} from "./pool.js";
import { nameOf } from "./pool-member.js";

/** A pool of authoritative servers. */
export interface IAuthoritativePool extends IPool {
  /** The kind of DNS servers in the pool. */
  readonly role: "authoritative";
}

/** Which clients may transfer the zones of a pool, and from which servers. */
export interface ZoneTransferOptions {
  /**
   * The names of the servers that answer transfers. The first that is up answers all of them, and the questions for the
   * SOA by which secondaries learn whether they need one, so that the serial that they see does not go to and fro. Each
   * must have all of the pool's zones, and let the load balancer transfer them. Required without `primary`.
   * @default - the server that `primary` names
   */
  readonly servers?: readonly string[];
  /**
   * The name of the only server that answers transfers: the same as `servers` with one name.
   * @default - `servers` names them
   */
  readonly primary?: string;
  /**
   * The networks of the clients that may transfer. HAProxy passes a connection from there that begins with a transfer, or
   * with the question for the SOA, to the server without reading what follows: limits on queries and access rules by
   * name or type do not count on it. Where everybody may transfer (`"0.0.0.0/0"`, `"::/0"`), or an access rule judges
   * transfers by name or type, dnsdist reads them all, and keeps in memory what clients have not read yet.
   */
  readonly allowFrom: readonly string[];
  /**
   * How long a transfer may pause, whatever its size and speed, if the server bears it as long; also the idle timeout of
   * every other TCP connection to the pool's servers, if longer than `idleTimeout`. At most `"2m"` with an `NsdServer`. A
   * transfer that is not the first query of its connection may pause for the `idleTimeout` of its listener alone.
   * @default - the `idleTimeout` of the pool
   */
  readonly idleTimeout?: Duration;
}

/** Properties of an `AuthoritativePool`. */
export interface AuthoritativePoolProps extends PoolProps {
  /** The zones that the servers answer for; at least one. */
  readonly zones: readonly string[];
  /**
   * How the servers are probed.
   * @default - asks for the SOA of the first zone without recursion, every "2s", timeout "1s", fall 3, rise 2
   */
  readonly healthCheck?: HealthCheck;
  /**
   * The pool that serves while every server of this one is down. It cannot have a fallback of its own.
   * @default - no fallback; `whenAllDown` applies
   */
  readonly fallback?: IAuthoritativePool;
  /**
   * Allows zone transfers, AXFR and IXFR, through the load balancer. Frontends inspect TCP then, and their `DotListener`s need
   * `minimumTlsVersion: "1.3"`.
   * @default - nobody
   * @see https://www.rfc-editor.org/rfc/rfc5936
   */
  readonly zoneTransfer?: ZoneTransferOptions;
  /**
   * The addresses and networks whose NOTIFY messages are passed on; those of all others are refused. One server gets them:
   * the first of the `zoneTransfer` that is up, or without that the first of `servers` that is up. So a primary should
   * notify each secondary at its own address, unless that server notifies the others. Over UDP a source can be forged: let
   * the server ask for signatures (TSIG), which pass unchanged. Frontends inspect TCP then.
   * @default - nobody's
   * @see https://www.rfc-editor.org/rfc/rfc1996
   */
  readonly notifyFrom?: readonly string[];
  /**
   * The addresses and networks whose UPDATE messages are passed on; those of all others are refused. They go where those
   * of `notifyFrom` go, which must be the primary, or pass them on to it. Frontends inspect TCP then.
   * @default - nobody's
   * @see https://www.rfc-editor.org/rfc/rfc2136
   */
  readonly updateFrom?: readonly string[];
  /**
   * How long a TCP connection to a server may be idle before it is closed.
   * @default "30s"
   */
  readonly idleTimeout?: Duration;
}

/** Puts authoritative servers behind the frontends of a load balancer. */
export class AuthoritativePool extends PoolBase implements IAuthoritativePool {
  readonly role = "authoritative";
  readonly [POOL]: Pool;

  constructor(scope: Construct, id: string, props: AuthoritativePoolProps) {
    super(scope, id, "AuthoritativePool");
    const {
      zones,
      healthCheck: given,
      zoneTransfer,
      notifyFrom,
      updateFrom,
      idleTimeout,
      ...common
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    const question = { name: zones[0] ?? ".", type: "SOA" } as const;
    const healthCheck = given ?? HealthCheck.query(question);
    this[POOL] = {
      ...commonModel(id, common),
      role: this.role,
      healthCheck: healthCheckOf(healthCheck, this.role, question),
      zones,
      ...(zoneTransfer === undefined
        ? {}
        : { zoneTransfer: { servers: transferServers(zoneTransfer), allowFrom: zoneTransfer.allowFrom } }),
      ...(notifyFrom === undefined ? {} : { notifyFrom }),
      ...(updateFrom === undefined ? {} : { updateFrom }),
      idleTimeout: longer(idleTimeout, zoneTransfer?.idleTimeout ?? idleTimeout),
    };
    this.warnOf(healthCheck);
  }
}

const SCHEMA = object<AuthoritativePoolProps>()({
  ...POOL_SHAPE,
  zones: listOf(domainName),
  healthCheck: optional(HEALTH_CHECK),
  fallback: optional(construct<IAuthoritativePool>(["AuthoritativePool"], "an AuthoritativePool")),
  zoneTransfer: optional(
    object<ZoneTransferOptions>()({
      servers: optional(listOf(plainName)),
      primary: optional(plainName),
      allowFrom: listOf(clientNetwork),
      idleTimeout: optional(IDLE_TIMEOUT),
    }),
  ),
  notifyFrom: optional(listOf(clientSource)),
  updateFrom: optional(listOf(clientSource)),
  idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
});

/** The time after which NSD ends a TCP connection that stands still (`tcp-timeout`). */
const NSD_TIMEOUT: Duration = "2m";

const INPUT = { name: "AuthoritativePool", schema: SCHEMA };

function check(scope: AuthoritativePool, props: Filled<typeof SCHEMA>, report: Report): void {
  checkPool(scope, props, report);
  const { zones, zoneTransfer } = props;
  if (zones.length === 0) report("DNSLB111", ["zones"], "must hold at least one zone, got an empty list");
  checkDuplicates("zones", zones, canonicalDomainName, report);
  checkZones(props, report);
  checkWrites(props, report);
  if (zoneTransfer !== undefined) checkZoneTransfer(props.servers, zoneTransfer, report);
}

/** The names of the servers for transfers, by either of the two words. */
function transferServers({ servers, primary }: Pick<ZoneTransferOptions, "servers" | "primary">): readonly string[] {
  return servers ?? (primary === undefined ? [] : [primary]);
}

function checkZoneTransfer(
  servers: Filled<typeof SCHEMA>["servers"],
  zoneTransfer: ZoneTransferOptions,
  report: Report,
): void {
  const { primary, idleTimeout, allowFrom } = zoneTransfer;
  const names = servers.map(nameOf);
  const listed = names.join(", ");
  if (zoneTransfer.servers === undefined && primary === undefined) {
    report(
      "DNSLB102",
      ["zoneTransfer", "servers"],
      `is required: the names of those servers of the pool that answer transfers, of ${listed}`,
    );
  }
  if (zoneTransfer.servers !== undefined && primary !== undefined) {
    report("DNSLB113", ["zoneTransfer", "primary"], "cannot go with 'servers'; put it into 'servers', as the first");
  }
  if (zoneTransfer.servers?.length === 0) {
    report("DNSLB111", ["zoneTransfer", "servers"], `must hold at least one of ${listed}, got an empty list`);
  }
  const firsts = firstEqual(zoneTransfer.servers ?? []);
  const wanted = [
    ...(primary === undefined ? [] : [{ name: primary, path: ["primary"] }]),
    ...(zoneTransfer.servers ?? []).map((name, index) => ({ name, path: ["servers", index] })),
  ];
  for (const { name, path } of wanted) {
    if (names.includes(name)) continue;
    report(
      "DNSLB116",
      ["zoneTransfer", ...path],
      `must be the name of a server of the pool (${listed}), got "${name}"`,
    );
  }
  for (const [index, same] of firsts.entries()) {
    if (same === undefined) continue;
    const name = zoneTransfer.servers?.[index] ?? "";
    report(
      "DNSLB112",
      ["zoneTransfer", "servers", index],
      `must be unique, got "${name}", which is zoneTransfer.servers[${same}] too`,
    );
  }
  const deployed = servers
    .filter(isDeployedServer)
    .find((server) => wanted.some(({ name }) => name === nameOf(server)));
  if (
    deployed !== undefined &&
    idleTimeout !== undefined &&
    isDuration(idleTimeout) &&
    toMilliseconds(idleTimeout) > toMilliseconds(NSD_TIMEOUT)
  ) {
    report(
      "DNSLB134",
      ["zoneTransfer", "idleTimeout"],
      `must be at most "${NSD_TIMEOUT}" with transfers from the NsdServer ${deployed.node.path}, got "${idleTimeout}"; NSD ends a transfer that pauses longer`,
    );
  }
  if (allowFrom.length === 0) {
    report(
      "DNSLB111",
      ["zoneTransfer", "allowFrom"],
      "must hold at least one network, got an empty list; leave out 'zoneTransfer' to allow nobody",
    );
  }
}

/** Reports lists of sources that say nothing, and servers that take no UPDATE. */
function checkWrites({ servers, zoneTransfer, notifyFrom, updateFrom }: Filled<typeof SCHEMA>, report: Report): void {
  for (const [property, sources] of Object.entries({ notifyFrom, updateFrom })) {
    if (sources?.length !== 0) continue;
    report(
      "DNSLB111",
      [property],
      `must hold at least one address or network, got an empty list; leave out '${property}' to pass on nobody's`,
    );
  }
  const wanted = zoneTransfer === undefined ? servers.map(nameOf) : transferServers(zoneTransfer);
  const deployed = servers.filter(isDeployedServer).find((server) => wanted.includes(nameOf(server)));
  if (updateFrom === undefined || deployed === undefined) return;
  report(
    "DNSLB113",
    ["updateFrom"],
    `cannot go with the NsdServer ${deployed.node.path}, since NSD takes no UPDATE (RFC 2136); leave out 'updateFrom', or name servers that take it in 'zoneTransfer.servers'`,
  );
}

/** Reports zones that a deployed server of the pool does not have. */
function checkZones({ servers, zones }: Filled<typeof SCHEMA>, report: Report): void {
  for (const server of servers.filter(isDeployedServer)) {
    const known = server[DEPLOYED_SERVER].zones;
    for (const [index, zone] of zones.entries()) {
      if (known === undefined || known.includes(canonicalDomainName(zone))) continue;
      report(
        "DNSLB116",
        ["zones", index],
        `must be a zone of every server, got "${zone}", which ${server.node.path} does not have (${known.join(", ")})`,
      );
    }
  }
}
