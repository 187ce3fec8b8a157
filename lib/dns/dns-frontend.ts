import { Construct, type IConstruct } from "constructs";
import type { Duration } from "../core/duration.js";
import { canonicalAddress, canonicalCidr, cidrWithin, coversFamily, EVERYBODY } from "../core/ip.js";
import { daemonName, isInZone } from "../core/names.js";
import type { TcpPath } from "../model/frontend.js";
import type { Listener } from "../model/listener.js";
import type { PlannedFrontend } from "../model/load-balancer.js";
import { LOOPBACK_PORTS } from "../model/platform-profile.js";
import { clientNetwork, listenerAddress } from "../terraform/address-fields.js";
import { brand } from "../terraform/brand.js";
import { boolean, construct, madeBy, port } from "../terraform/fields.js";
import { placeOf } from "../terraform/parent.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, oneOf, optional, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";
import type { AccessRule } from "./access-rule.js";
import { checkCloseTimeout } from "./close-timeout.js";
import { checkName } from "./construct-name.js";
import { checkDuplicates } from "./duplicates.js";
import { FRONTEND_EXTRA, type FrontendExtraOptions } from "./extra/frontend-extra.js";
import { type BoundFrontend, type ILoadBalancer, LOAD_BALANCER } from "./load-balancer.js";
import { IDLE_TIMEOUT, type IPool, POOL } from "./pool.js";
import type { RateLimit } from "./rate-limit.js";
import { type Route, routeModel } from "./route.js";
import { checkRoutes } from "./route-check.js";

/** The property that marks frontends; listeners register through it. */
export const FRONTEND: unique symbol = Symbol.for("cdktf-dns-lb.Frontend");

/** A frontend to which listeners of further kinds can be added. */
export interface IDnsFrontend extends IConstruct {
  /** Internal to the library. */
  readonly [FRONTEND]: FrontendBinding;
}

/** The library's internal interface to a frontend. */
export interface FrontendBinding {
  /** Adds a listener of any kind, which shares the addresses, the pool and the policy of the frontend. */
  addListener(construct: IConstruct, listener: Listener): void;
}

/** Properties of a frontend without its load balancer. */
export interface DnsFrontendOptions {
  /** The pool that answers the queries. */
  readonly pool: IPool;
  /**
   * The address to listen on: one of those that the nodes of a pair or a group share, or one of the node's own on a single
   * node.
   * @default - all addresses that the nodes of the load balancer share, or all own addresses of a single node
   */
  readonly address?: string;
  /**
   * The addresses to listen on, instead of `address`: one of each family, for instance.
   * @default - the value of `address`
   */
  readonly addresses?: readonly string[];
  /**
   * The port on all of these addresses, for UDP and TCP. Frontends with different ports may share an address. Not 5199,
   * 8083 and 8405, which the node's daemons use themselves.
   * @default 53
   */
  readonly port?: number;
  /**
   * The networks of the clients; all others are refused. In front of a resolver pool, never the whole Internet.
   * @default - all clients in front of an authoritative pool; required in front of a resolver pool
   * @see https://www.rfc-editor.org/rfc/rfc5358
   */
  readonly allowFrom?: readonly string[];
  /**
   * Rules that turn away some queries of these clients; the first matching rule applies.
   * @default - no rules
   */
  readonly accessRules?: readonly AccessRule[];
  /**
   * Pools for some of the queries, such as an internal domain that its own servers answer; all others go to `pool`. Access
   * rules and limits come first. TCP is inspected then.
   * @default - no routes
   */
  readonly routes?: readonly Route[];
  /**
   * The limits of one client.
   * @default - no limits
   */
  readonly rateLimit?: RateLimit;
  /**
   * Whether HAProxy balances TCP connections itself (`"direct"`), or passes them to dnsdist, which reads every query
   * (`"inspected"`). What needs the content of queries, such as limits on queries, rules by name or type, and routes, is
   * an error beside `"direct"`.
   * @default - `"inspected"` where something needs it, which synthesis says with the reason; else `"direct"`
   */
  readonly tcpPath?: TcpPath;
  /**
   * Whether connections of this frontend and its listeners are in the `connectionLog` of the load balancer, if it has one.
   * @default true
   */
  readonly logConnections?: boolean;
  /**
   * How long an idle client may keep its TCP connection, once its first message is there, which must come within 5 s.
   * @default "10s"
   * @see https://www.rfc-editor.org/rfc/rfc7766#section-6.2.3
   */
  readonly idleTimeout?: Duration;
  /**
   * How long a client may take to close its TCP connection after the server has closed it; then it is dropped. A client
   * that closes first gets its answers all the same. Between "1s" and the `idleTimeout`.
   * @default - `idleTimeout`
   * @see https://docs.haproxy.org/2.6/configuration.html#4-timeout%20client-fin
   */
  readonly closeTimeout?: Duration;
  /**
   * Settings of the daemons that no property says, the last resort: the daemons check them, on every node, and nothing that
   * the library promises is measured with them. What contradicts the library is refused.
   * @default - nothing
   */
  readonly extra?: FrontendExtraOptions;
}

/** Properties of a `DnsFrontend`. */
export interface DnsFrontendProps extends DnsFrontendOptions {
  /** The load balancer of the frontend. */
  readonly loadBalancer: ILoadBalancer;
}

/** Serves DNS on one port, 53 by default, of some addresses of a load balancer, UDP and TCP, from one pool. */
export class DnsFrontend extends Construct implements IDnsFrontend {
  readonly [FRONTEND]: FrontendBinding;

  constructor(scope: Construct, id: string, props: DnsFrontendProps) {
    super(...placeOf("DnsFrontend", scope, id));
    recordSourceLocation(this);
    brand(this, "DnsFrontend");
    const {
      loadBalancer,
      pool,
      address,
      addresses,
      port,
      allowFrom = EVERYBODY,
      accessRules,
      routes,
      rateLimit,
      tcpPath,
      logConnections,
      idleTimeout,
      closeTimeout,
      extra,
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    const own = address === undefined ? loadBalancer[LOAD_BALANCER].defaultAddresses : [address];
    const name = daemonName(id);
    const frontend: Omit<PlannedFrontend, "listeners"> = {
      name,
      addresses: addresses ?? own,
      pool: pool[POOL],
      ...(tcpPath === undefined ? {} : { tcpPath }),
      allowFrom,
      accessRules,
      ...(routes.length === 0 ? {} : { routes: routes.map(routeModel) }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
      ...(logConnections ? {} : { logConnections }),
      ...(extra === undefined ? {} : { extra }),
    };
    const builder = new FrontendBuilder(this, frontend, {
      ...{ kind: "dns", name, port, idleTimeout },
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
    });
    this[FRONTEND] = builder;
    loadBalancer[LOAD_BALANCER].addFrontend(builder);
  }
}

/** A listener and its construct, which errors name. */
interface BoundListener {
  readonly construct: IConstruct;
  readonly listener: Listener;
}

class FrontendBuilder implements BoundFrontend, FrontendBinding {
  private readonly own: BoundListener;
  private readonly others: BoundListener[] = [];

  constructor(
    readonly construct: IConstruct,
    private readonly frontend: Omit<PlannedFrontend, "listeners">,
    own: Listener,
  ) {
    this.own = { construct, listener: own };
  }

  addListener(construct: IConstruct, listener: Listener): void {
    this.others.push({ construct, listener });
  }

  model(): PlannedFrontend {
    return { ...this.frontend, listeners: this.inOrder().map(({ listener }) => listener) };
  }

  listeners(): readonly IConstruct[] {
    return this.inOrder().map(({ construct }) => construct);
  }

  /** The frontend's own listener, then the others by name, so that the order of declaration does not matter. */
  private inOrder(): readonly BoundListener[] {
    const others = [...this.others].sort((a, b) => (a.listener.name < b.listener.name ? -1 : 1));
    return [this.own, ...others];
  }
}

const ACCESS_RULES = "AccessRule.refuse(), AccessRule.drop(), AccessRule.truncate() or AccessRule.minimalAny()";

const SCHEMA = object<DnsFrontendProps>()({
  loadBalancer: construct<ILoadBalancer>(["LoadBalancer"], "an HaPair, an AnycastGroup or a StandaloneLoadBalancer"),
  pool: construct<IPool>(["ResolverPool", "AuthoritativePool"], "a ResolverPool or an AuthoritativePool"),
  address: optional(listenerAddress),
  addresses: optional(listOf(listenerAddress)),
  port: withDefault(port, 53),
  allowFrom: optional(listOf(clientNetwork)),
  accessRules: withDefault(listOf(madeBy<AccessRule>("AccessRule", ACCESS_RULES)), []),
  routes: withDefault(listOf(madeBy<Route>("Route", "Route.toPool()")), []),
  rateLimit: optional(madeBy<RateLimit>("RateLimit", "RateLimit.perClient()")),
  tcpPath: optional(oneOf<TcpPath>({ direct: true, inspected: true })),
  logConnections: withDefault(boolean, true),
  idleTimeout: withDefault(IDLE_TIMEOUT, "10s"),
  closeTimeout: optional(IDLE_TIMEOUT),
  extra: optional(FRONTEND_EXTRA),
});

const INPUT = { name: "DnsFrontend", schema: SCHEMA };

function check(scope: DnsFrontend, props: Filled<typeof SCHEMA>, report: Report): void {
  checkName(scope, report);
  checkAddresses(props, report);
  checkPort(props, report);
  checkCloseTimeout(props, report);
  checkMinimalAny(props, report);
  checkRoutes(props, report);
  checkExempt(props, report);
  const { allowFrom, pool } = props;
  if (allowFrom?.length === 0) {
    report("DNSLB111", ["allowFrom"], "must hold at least one network, got an empty list, which serves nobody");
  }
  if (pool[POOL].role !== "resolver") return;
  const fix = 'name the networks of your clients, such as ["10.0.0.0/8"]';
  if (allowFrom === undefined) {
    report(
      "DNSLB114",
      ["allowFrom"],
      `is required in front of a resolver pool, because open resolvers serve attackers (RFC 5358); ${fix}`,
    );
  }
  const networks = (allowFrom ?? []).filter((cidr) => canonicalCidr(cidr) !== undefined);
  for (const family of ["ipv4", "ipv6"] as const) {
    if (!coversFamily(networks, family)) continue;
    const given = networks.map((cidr) => JSON.stringify(cidr)).join(", ");
    report("DNSLB114", ["allowFrom"], `must not open a resolver to the world (RFC 5358), got ${given}; ${fix}`);
    return;
  }
}

function checkPort({ port }: Filled<typeof SCHEMA>, report: Report): void {
  const taken: readonly number[] = Object.values(LOOPBACK_PORTS);
  if (!taken.includes(port)) return;
  const [last, ...others] = [...taken].sort((a, b) => b - a);
  report(
    "DNSLB104",
    ["port"],
    `must be none of ${others.reverse().join(", ")} and ${last}, which the daemons of a node use themselves, got ${port}; choose another port`,
  );
}

/** Reports rules that would answer ANY for zones that the frontend's servers do not have. */
function checkMinimalAny({ accessRules, pool, routes }: Filled<typeof SCHEMA>, report: Report): void {
  const pools = [pool, ...routes.map((route) => route.pool)].map((each) => each[POOL]);
  const zones = [...new Set(pools.flatMap((each) => each.zones))];
  for (const [index, { action, names }] of accessRules.entries()) {
    if (action !== "minimal-any") continue;
    if (pools.every(({ role }) => role === "resolver")) {
      const message =
        'answers ANY as a server of the zone does, and the frontend has resolvers alone; use AccessRule.truncate({ types: ["ANY"] })';
      report("DNSLB113", ["accessRules", index], message);
      continue;
    }
    const strangers = names.filter((name) => !zones.some((zone) => isInZone(name, zone)));
    if (strangers.length === 0) continue;
    const message = `answers ANY for ${strangers.map((name) => JSON.stringify(name)).join(", ")}, which is in none of the pool's zones (${zones.join(", ")}); leave out what the servers do not have`;
    report("DNSLB113", ["accessRules", index], message);
  }
}

/** Reports limits that all clients of the frontend are exempt from. */
function checkExempt({ allowFrom = EVERYBODY, rateLimit }: Filled<typeof SCHEMA>, report: Report): void {
  if (rateLimit === undefined) return;
  const { exempt } = rateLimit;
  const allowed = allowFrom.filter((cidr) => canonicalCidr(cidr) !== undefined);
  if (allowed.length === 0 || !allowed.every((cidr) => exempt.some((each) => cidrWithin(cidr, each)))) return;
  report(
    "DNSLB113",
    ["rateLimit"],
    `limits nobody: 'exempt' holds every network of 'allowFrom', ${allowed.map((cidr) => JSON.stringify(cidr)).join(", ")}; leave out what is to be limited`,
  );
}

function checkAddresses({ address, addresses }: Filled<typeof SCHEMA>, report: Report): void {
  if (addresses === undefined) return;
  if (address !== undefined) report("DNSLB113", ["address"], "cannot go with 'addresses'; put all into 'addresses'");
  if (addresses.length === 0) {
    report("DNSLB111", ["addresses"], "must hold at least one address, got an empty list; leave it out for all");
  }
  checkDuplicates("addresses", addresses, canonicalAddress, report);
}
