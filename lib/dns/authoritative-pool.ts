import type { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { canonicalDomainName } from "../core/names.js";
import type { Pool } from "../model/pool.js";
import { construct, domainName, network, plainName } from "../terraform/fields.js";
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

/** Who may transfer the zones of a pool, and from where. */
export interface ZoneTransferOptions {
  /** Name of the server that all transfers go to, so that serial numbers never step back. */
  readonly primary: string;
  /** The networks that may transfer; nobody else may. */
  readonly allowFrom: readonly string[];
  /**
   * How long a transfer may pause. The servers of the pool may be silent for as long on every TCP connection.
   * @default - the `idleTimeout` of the pool
   */
  readonly idleTimeout?: Duration;
}

/** Properties of an `AuthoritativePool`. */
export interface AuthoritativePoolProps extends PoolProps {
  /** The zones that the servers answer for; at least one. */
  readonly zones: readonly string[];
  /**
   * How a server proves that it is alive.
   * @default - asks for the SOA of the first zone without recursion, every "2s", timeout "1s", fall 3, rise 2
   */
  readonly healthCheck?: HealthCheck;
  /**
   * The pool that serves while no server of this one is left. It has no fallback of its own.
   * @default - what `whenAllDown` says
   */
  readonly fallback?: IAuthoritativePool;
  /**
   * Who may transfer the zones (RFC 5936). Frontends must inspect TCP (`tcpPath: "inspected"`).
   * @default - nobody
   */
  readonly zoneTransfer?: ZoneTransferOptions;
  /**
   * A server that is silent for so long on a TCP connection loses it.
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
      healthCheck: healthCheckOf(healthCheck, false),
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
      allowFrom: listOf(network),
      idleTimeout: optional(IDLE_TIMEOUT),
    }),
  ),
  idleTimeout: withDefault(IDLE_TIMEOUT, "30s"),
});

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
  if (zoneTransfer.allowFrom.length === 0) {
    report(
      "DNSLB111",
      ["zoneTransfer", "allowFrom"],
      "must hold at least one network, got an empty list; leave out 'zoneTransfer' to allow nobody",
    );
  }
}

/** Reports zones that a server of the app does not have. */
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
