import type { Construct } from "constructs";
import { canonicalCidr, coversFamily } from "../core/ip.js";
import { canonicalDomainName, daemonName } from "../core/names.js";
import type { Size } from "../core/size.js";
import { DEPLOYED_SERVER, type ServerBinding } from "../dns/deployed-server.js";
import { checkDuplicates } from "../dns/duplicates.js";
import type { ServerTlsOptions } from "../dns/pool-member.js";
import type * as model from "../model/unbound.js";
import { clientNetwork, forwarderAddress } from "../terraform/address-fields.js";
import { boolean, domainName, plainName, port, size, writtenName } from "../terraform/fields.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, keptAs, listOf, object, oneOf, optional, withDefault } from "../terraform/schema.js";
import { DNS_RECORD, type DnsRecord } from "./dns-record.js";
import { checkLocalData } from "./local-data.js";
import { checkServer, SERVER_SHAPE, ServerBase, ServerBuilder, type ServerProps, WORKERS } from "./server-base.js";

/**
 * A resolver or an authoritative server to which an `UnboundServer` forwards queries, such as `PublicResolver.QUAD9`.
 */
export interface ForwarderOptions {
  /** The IPv4 or IPv6 address of the server. */
  readonly address: string;
  /**
   * The port on which the server answers.
   * @default - 53, or 853 with `tls`
   */
  readonly port?: number;
  /**
   * Forwards queries over DNS over TLS and verifies the server's certificate.
   * @default - plain DNS
   */
  readonly tls?: ServerTlsOptions;
  /**
   * A name for readers of the code; unbound does not use it.
   * @default - no name
   */
  readonly name?: string;
}

/** A zone whose queries are forwarded to certain servers. */
export interface ForwardZoneOptions {
  /** The zone, and everything below it. */
  readonly name: string;
  /** The servers to forward to; at least one, all of them over TLS or none. */
  readonly forwardTo: readonly ForwarderOptions[];
}

/** A zone for which an `UnboundServer` answers from local data. */
export interface LocalZoneOptions {
  /** The zone, and everything below it. */
  readonly name: string;
  /**
   * How names without local data are answered: `"static"` with NXDOMAIN, `"transparent"` resolves them, `"redirect"`
   * with the local data of the zone itself, `"refuse"` with REFUSED, `"deny"` not at all; `"always_nxdomain"` answers
   * NXDOMAIN to every query.
   * @see https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html
   */
  readonly type: model.LocalZoneType;
}

/** Properties of an `UnboundServer`. */
export interface UnboundServerProps extends ServerProps {
  /**
   * The networks of the clients; all others are refused. The load balancers' own addresses must be among them, and with
   * the PROXY protocol also the addresses of their clients. Never the whole Internet.
   * @see https://www.rfc-editor.org/rfc/rfc5358
   */
  readonly allowFrom: readonly string[];
  /**
   * Forwards queries to these resolvers instead of recursion; all of them over TLS or none.
   * @default - recursion from the root
   */
  readonly forwardTo?: readonly ForwarderOptions[];
  /**
   * Zones with forwarders of their own, such as those of an internal network.
   * @default - no such zones
   */
  readonly forwardZones?: readonly ForwardZoneOptions[];
  /**
   * Zones for which the server answers from local data.
   * @default - those of private addresses and special names (RFC 6303, RFC 6761), and names with local data
   */
  readonly localZones?: readonly LocalZoneOptions[];
  /**
   * Records that the server answers by itself.
   * @default - no records
   */
  readonly localData?: readonly DnsRecord[];
  /**
   * Whether answers are validated by DNSSEC.
   * @default true
   */
  readonly dnssecValidation?: boolean;
  /**
   * Zones excluded from DNSSEC validation, such as internal ones that their parent zone does not delegate.
   * @default - every zone is validated
   */
  readonly insecureZones?: readonly string[];
  /**
   * Whether each authoritative server is sent only the part of the name that it needs (QNAME minimisation).
   * @default true
   * @see https://www.rfc-editor.org/rfc/rfc9156
   */
  readonly qnameMinimisation?: boolean;
  /**
   * The number of threads, usually the node's number of processors. Between 1 and 64.
   * @default 2
   */
  readonly threads?: number;
  /**
   * The size of the caches together; the process uses up to twice as much memory.
   * @default "96m"
   */
  readonly cacheSize?: Size;
}

/** Runs a resolver, unbound, on a node of its own, for the `servers` of a `ResolverPool`. */
export class UnboundServer extends ServerBase {
  readonly [DEPLOYED_SERVER]: ServerBinding;

  constructor(scope: Construct, id: string, props: UnboundServerProps) {
    super(scope, id, "UnboundServer");
    const {
      node,
      forwardTo = [],
      forwardZones,
      ...rest
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    const { port, clientAddress, allowFrom } = rest;
    const server: model.DeployedUnboundServer = {
      ...rest,
      kind: "unbound",
      name: daemonName(id),
      node: node.description,
      forwardTo,
      forwardZones,
    };
    this[DEPLOYED_SERVER] = new ServerBuilder(this, {
      role: "resolver",
      node,
      name: server.name,
      port,
      deployed: { clientAddress, allowFrom },
      model: () => server,
    });
  }
}

const FORWARDERS = listOf(
  keptAs(
    object<ForwarderOptions>()({
      address: forwarderAddress,
      port: optional(port),
      tls: optional(object<ServerTlsOptions>()({ name: writtenName })),
      name: optional(plainName),
    }),
    ({ address, port, tls }): model.Forwarder => ({
      address,
      port: port ?? (tls === undefined ? 53 : 853),
      ...(tls === undefined ? {} : { tls: { name: tls.name.replace(/\.$/, "") } }),
    }),
  ),
);

const SCHEMA = object<UnboundServerProps>()({
  ...SERVER_SHAPE,
  allowFrom: listOf(clientNetwork),
  forwardTo: optional(FORWARDERS),
  forwardZones: withDefault(listOf(object<ForwardZoneOptions>()({ name: domainName, forwardTo: FORWARDERS })), []),
  localZones: withDefault(
    listOf(
      object<LocalZoneOptions>()({
        name: domainName,
        type: oneOf<model.LocalZoneType>({
          static: true,
          transparent: true,
          redirect: true,
          refuse: true,
          deny: true,
          always_nxdomain: true,
        }),
      }),
    ),
    [],
  ),
  localData: withDefault(listOf(DNS_RECORD), []),
  dnssecValidation: withDefault(boolean, true),
  insecureZones: withDefault(listOf(domainName), []),
  qnameMinimisation: withDefault(boolean, true),
  threads: withDefault(WORKERS, 2),
  cacheSize: withDefault(size("4m", "64g"), "96m"),
});

const INPUT = { name: "UnboundServer", schema: SCHEMA };

/** The properties as written, with defaults. */
type Given = Filled<typeof SCHEMA>;

function check(scope: UnboundServer, props: Given, report: Report): void {
  checkServer(scope, props, report);
  checkAccess(props, report);
  checkForwarding(props, report);
  const { localZones, localData, dnssecValidation, insecureZones } = props;
  checkDuplicates(
    "localZones",
    localZones.map(({ name }) => name),
    canonicalDomainName,
    report,
  );
  if (!dnssecValidation && insecureZones.length > 0) {
    report(
      "DNSLB113",
      ["insecureZones"],
      "needs DNSSEC validation, which 'dnssecValidation: false' disables; leave out one of the two",
    );
  }
  checkLocalData({ localZones, localData }, report);
}

function checkAccess({ allowFrom }: Given, report: Report): void {
  if (allowFrom.length === 0) {
    report("DNSLB111", ["allowFrom"], "must hold at least one network, got an empty list, which serves nobody");
  }
  const networks = allowFrom.filter((cidr) => canonicalCidr(cidr) !== undefined);
  if (!(["ipv4", "ipv6"] as const).some((family) => coversFamily(networks, family))) return;
  report(
    "DNSLB114",
    ["allowFrom"],
    `must not open a resolver to the world (RFC 5358), got ${networks.map((cidr) => JSON.stringify(cidr)).join(", ")}; name the networks of your load balancers, such as ["10.0.0.0/8"]`,
  );
}

function checkForwarding({ forwardTo, forwardZones }: Given, report: Report): void {
  const groups = [
    ...(forwardTo === undefined ? [] : [{ path: ["forwardTo"], forwardTo }]),
    ...forwardZones.map((zone, index) => ({ path: ["forwardZones", index, "forwardTo"], forwardTo: zone.forwardTo })),
  ];
  for (const { path, forwardTo: forwarders } of groups) {
    if (forwarders.length === 0) {
      report("DNSLB111", path, "must hold at least one server, got an empty list; leave it out for recursion");
    }
    const overTls = forwarders.filter(({ tls }) => tls !== undefined).length;
    if (overTls > 0 && overTls < forwarders.length) {
      report(
        "DNSLB113",
        path,
        "must all have 'tls' or none of them, because unbound has one setting for all servers of a zone",
      );
    }
  }
  checkDuplicates(
    "forwardZones",
    forwardZones.map(({ name }) => name),
    canonicalDomainName,
    report,
  );
  const root = forwardZones.findIndex(({ name }) => name === ".");
  if (root >= 0)
    report("DNSLB113", ["forwardZones", root, "name"], 'must be a zone below ".", got "."; \'forwardTo\' takes it');
}
