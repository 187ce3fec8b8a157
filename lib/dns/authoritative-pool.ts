import type { Construct } from "constructs";
import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { canonicalDomainName } from "../core/names.js";
import type { Pool } from "../model/pool.js";
import { clientNetwork } from "../terraform/address-fields.js";
import { construct, domainName, plainName } from "../terraform/fields.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { DEPLOYED_SERVER, isDeployedServer } from "./deployed-server.js";
import { checkDuplicates } from "./duplicates.js";
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

/** Which clients may transfer the zones of a pool, and from which server. */
export interface ZoneTransferOptions {
  /**
   * The name of the one server that answers all transfers, and the questions for the SOA by which secondaries learn
   * whether they need one, so that clients never see a serial decrease.
   */
  readonly primary: string;
  /**
   * The networks of the clients that may transfer. HAProxy passes a connection from there that begins with a transfer, or
   * with the question for the SOA, to the primary without reading what follows: limits on queries and access rules by
   * name or type do not count on it. Where everybody may transfer (`"0.0.0.0/0"`, `"::/0"`), or an access rule judges
   * transfers by name or type, dnsdist reads them all, and keeps in memory what clients have not read yet.
   */
  readonly allowFrom: readonly string[];
  /**
   * How long a transfer may pause, whatever its size and speed, if the primary bears it as long; also the idle timeout of
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
   * Allows zone transfers (RFC 5936) through the load balancer. Frontends inspect TCP then.
   * @default - nobody
   */
  readonly zoneTransfer?: ZoneTransferOptions;
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
      healthCheck = HealthCheck.query({ name: zones[0] ?? ".", type: "SOA" }),
      zoneTransfer,
      idleTimeout,
      ...common
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    this[POOL] = {
      ...commonModel(id, common),
      role: this.role,
      healthCheck: healthCheckOf(healthCheck, this.role),
      zones,
      ...(zoneTransfer === undefined
        ? {}
        : { zoneTransfer: { primary: zoneTransfer.primary, allowFrom: zoneTransfer.allowFrom } }),
      idleTimeout: longer(idleTimeout, zoneTransfer?.idleTimeout ?? idleTimeout),
    };
  }
}

const SCHEMA = object<AuthoritativePoolProps>()({
  ...POOL_SHAPE,
  zones: listOf(domainName),
  healthCheck: optional(HEALTH_CHECK),
  fallback: optional(construct<IAuthoritativePool>(["AuthoritativePool"], "an AuthoritativePool")),
  zoneTransfer: optional(
    object<ZoneTransferOptions>()({
      primary: plainName,
      allowFrom: listOf(clientNetwork),
      idleTimeout: optional(IDLE_TIMEOUT),
    }),
  ),
  idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
});

/** The time after which NSD ends a TCP connection that stands still (`tcp-timeout`). */
const NSD_TIMEOUT: Duration = "2m";

const INPUT = { name: "AuthoritativePool", schema: SCHEMA };

function check(scope: AuthoritativePool, props: Filled<typeof SCHEMA>, report: Report): void {
  checkPool(scope, props, report);
  const { servers, zones, zoneTransfer } = props;
  if (zones.length === 0) report("DNSLB111", ["zones"], "must hold at least one zone, got an empty list");
  checkDuplicates("zones", zones, canonicalDomainName, report);
  checkZones(props, report);
  if (zoneTransfer === undefined) return;
  const names = servers.map(nameOf);
  if (!names.includes(zoneTransfer.primary)) {
    report(
      "DNSLB116",
      ["zoneTransfer", "primary"],
      `must be the name of a server of the pool (${names.join(", ")}), got "${zoneTransfer.primary}"`,
    );
  }
  const primary = servers.find((server) => nameOf(server) === zoneTransfer.primary);
  const { idleTimeout } = zoneTransfer;
  if (idleTimeout !== undefined && isDuration(idleTimeout) && primary !== undefined && isDeployedServer(primary)) {
    if (toMilliseconds(idleTimeout) > toMilliseconds(NSD_TIMEOUT)) {
      report(
        "DNSLB134",
        ["zoneTransfer", "idleTimeout"],
        `must be at most "${NSD_TIMEOUT}" with the NsdServer ${primary.node.path} as the primary, got "${idleTimeout}"; NSD ends a transfer that pauses longer`,
      );
    }
  }
  if (zoneTransfer.allowFrom.length === 0) {
    report(
      "DNSLB111",
      ["zoneTransfer", "allowFrom"],
      "must hold at least one network, got an empty list; leave out 'zoneTransfer' to allow nobody",
    );
  }
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
