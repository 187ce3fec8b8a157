import type { Construct } from "constructs";
import { canonicalAddress, familyOf, hostCidr } from "../core/ip.js";
import { daemonName } from "../core/names.js";
import { DEPLOYED_SERVER, type IDeployedServer, type ServerBinding } from "../dns/deployed-server.js";
import { firstEqual } from "../dns/duplicates.js";
import * as model from "../model/nsd.js";
import type { PrimaryZone, TransferPeer } from "../model/zone.js";
import { FEATURE_SINCE, featuresOf } from "../node/features.js";
import { construct, integer, port } from "../terraform/fields.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { checkServer, SERVER_SHAPE, ServerBase, ServerBuilder, type ServerProps, WORKERS } from "./server-base.js";
import {
  TRANSFER_PEER,
  TRANSFER_PERMISSION,
  type TransferPeerOptions,
  type TransferPermissionOptions,
} from "./transfer-peer.js";
import { TSIG, type Tsig } from "./tsig.js";
import { ZONE, type Zone } from "./zone.js";

/** The property that marks NSD servers; secondary servers of the app register through it. */
export const NSD_SERVER: unique symbol = Symbol.for("cdktf-dns-lb.NsdServer");

/** An authoritative server that can be the primary of others. */
export interface INsdServer extends IDeployedServer {
  /** Internal to the library. */
  readonly [NSD_SERVER]: PrimaryBinding;
}

/** The library's internal interface to a primary server, for its secondaries in the app. */
export interface PrimaryBinding {
  /** The server's primary zones. */
  readonly zones: readonly PrimaryZone[];
  /** The addresses and port for transfers of these zones. */
  readonly endpoints: readonly Pick<TransferPeer, "address" | "port">[];
  /** The TSIG keys of the server so far, by name. */
  keys(): ReadonlyMap<string, Tsig>;
  /** Allows a secondary server to transfer the zones, and sends it NOTIFY on changes. */
  addSecondary(secondary: TransferPeer): void;
}

/** The primary server of a secondary, where the app deploys both. */
export interface SecondaryOfOptions {
  /** The primary server. It allows this one to transfer its zones, and sends it NOTIFY on changes. */
  readonly primary: INsdServer;
  /**
   * The key that signs transfers and NOTIFY between the two.
   * @default - no signatures; the servers are authenticated by address
   */
  readonly key?: Tsig;
}

/** Properties of an `NsdServer`. */
export interface NsdServerProps extends ServerProps {
  /**
   * The zones that the server answers for: from files, from records, or from servers that the app does not deploy.
   * @default - those of `secondaryOf`
   */
  readonly zones?: readonly Zone[];
  /**
   * Makes the server a secondary of another server of the app, for all its primary zones.
   * @default - no primary server in the app
   */
  readonly secondaryOf?: SecondaryOfOptions;
  /**
   * Secondary servers that the app does not deploy: they may transfer the primary zones, and get NOTIFY on changes.
   * @default - only the servers that are `secondaryOf` this one
   */
  readonly secondaries?: readonly TransferPeerOptions[];
  /**
   * Further clients that may transfer all zones. Transfers through a pool that hides the client's address come from the
   * load balancers' addresses.
   * @default - only the secondaries
   */
  readonly allowTransfer?: readonly TransferPermissionOptions[];
  /**
   * Further servers that may send NOTIFY for secondary zones.
   * @default - only the zones' primaries
   */
  readonly allowNotify?: readonly TransferPermissionOptions[];
  /**
   * The port for transfers and NOTIFY, which carry no PROXY header.
   * @default - `port`, or 5300 with `clientAddress: "proxy-protocol"`
   */
  readonly transferPort?: number;
  /**
   * The most answers per second to one client network (IPv4 /24, IPv6 /64); further answers are dropped or truncated.
   * Needs `clientAddress: "proxy-protocol"`, because otherwise all clients have the load balancer's address. Between 1
   * and 1000000.
   * @default - no limit
   * @see https://nsd.docs.nlnetlabs.nl/en/latest/manpages/nsd.conf.html
   */
  readonly responseRateLimit?: number;
  /**
   * The number of server processes, usually the node's number of processors. Between 1 and 64.
   * @default 2
   */
  readonly serverCount?: number;
}

/** Runs an authoritative server, NSD, on a node of its own, for the `servers` of an `AuthoritativePool`. */
export class NsdServer extends ServerBase implements INsdServer {
  readonly [DEPLOYED_SERVER]: ServerBinding;
  readonly [NSD_SERVER]: PrimaryBinding;

  constructor(scope: Construct, id: string, props: NsdServerProps) {
    super(scope, id, "NsdServer");
    const {
      node,
      secondaryOf,
      transferPort: given,
      responseRateLimit = 0,
      ...rest
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);
    const { port, clientAddress, zones } = rest;
    const transferPort = given ?? (clientAddress === "proxy-protocol" ? 5300 : port);
    const endpoints = node.description.addresses.map((address) => ({ address, port: transferPort }));
    const base: model.DeployedNsdServer = {
      ...rest,
      kind: "nsd",
      name: daemonName(id),
      node: node.description,
      transferPort,
      zones: [...zones, ...zonesFromPrimary(secondaryOf, endpoints)],
      responseRateLimit,
    };
    const registered: TransferPeer[] = [];
    const server = (): model.DeployedNsdServer => ({
      ...base,
      secondaries: [...base.secondaries, ...[...registered].sort((a, b) => (a.address < b.address ? -1 : 1))],
    });
    this[NSD_SERVER] = {
      zones: zones.filter((zone) => zone.kind === "primary"),
      endpoints,
      keys: () => new Map(model.tsigKeysOf(server()).map((key) => [key.name, key])),
      addSecondary: (secondary) => registered.push(secondary),
    };
    this[DEPLOYED_SERVER] = new ServerBuilder(this, {
      role: "authoritative",
      zones: base.zones.map(({ name }) => name),
      node,
      name: base.name,
      port,
      deployed: { clientAddress, ...transfersTo(base) },
      model: server,
    });
    if (secondaryOf !== undefined) registerWithPrimary(secondaryOf, endpoints);
  }
}

/** The networks that may transfer without a key; nothing if there are none. */
function transfersTo({ allowTransfer, secondaries }: model.DeployedNsdServer): { readonly transfersTo?: string[] } {
  const networks = [
    ...allowTransfer.flatMap(({ from, key }) => (key === undefined ? [from] : [])),
    ...secondaries.flatMap(({ address, key }) => (key === undefined ? [hostCidr(address)] : [])),
  ];
  return networks.length === 0 ? {} : { transfersTo: networks };
}

/** The secondary zones that come from a primary server of the app. */
function zonesFromPrimary(
  secondaryOf: SecondaryOfOptions | undefined,
  own: PrimaryBinding["endpoints"],
): readonly Zone[] {
  if (secondaryOf === undefined) return [];
  const { endpoints, zones } = secondaryOf.primary[NSD_SERVER];
  const primaries = reachable(endpoints, own).map((endpoint) => peer(endpoint, secondaryOf.key));
  return zones.map(({ name }) => ({ kind: "secondary", name, primaries }));
}

function registerWithPrimary({ primary, key }: SecondaryOfOptions, own: PrimaryBinding["endpoints"]): void {
  const { endpoints } = primary[NSD_SERVER];
  for (const endpoint of reachable(own, endpoints)) primary[NSD_SERVER].addSecondary(peer(endpoint, key));
}

/** The endpoints of address families that both sides have. */
function reachable(
  endpoints: PrimaryBinding["endpoints"],
  from: PrimaryBinding["endpoints"],
): PrimaryBinding["endpoints"] {
  const families = from.map(({ address }) => familyOf(address));
  return endpoints.filter(({ address }) => families.includes(familyOf(address)));
}

function peer(endpoint: PrimaryBinding["endpoints"][number], key: Tsig | undefined): TransferPeer {
  return { ...endpoint, ...(key === undefined ? {} : { key }) };
}

const SCHEMA = object<NsdServerProps>()({
  ...SERVER_SHAPE,
  zones: withDefault(listOf(ZONE), []),
  secondaryOf: optional(
    object<SecondaryOfOptions>()({
      primary: construct<INsdServer>(["NsdServer"], "an NsdServer"),
      key: optional(TSIG),
    }),
  ),
  secondaries: withDefault(listOf(TRANSFER_PEER), []),
  allowTransfer: withDefault(listOf(TRANSFER_PERMISSION), []),
  allowNotify: withDefault(listOf(TRANSFER_PERMISSION), []),
  transferPort: optional(port),
  responseRateLimit: optional(integer(1, 1_000_000)),
  serverCount: withDefault(WORKERS, 2),
});

const INPUT = { name: "NsdServer", schema: SCHEMA };

/** The properties as written, with defaults. */
type Given = Filled<typeof SCHEMA>;

function check(scope: NsdServer, props: Given, report: Report): void {
  checkServer(scope, props, report);
  checkZones(props, report);
  checkKeys(props, report);
  checkSerials(props, report);
  checkProxyProtocol(props, report);
  const { zones, secondaryOf, secondaries, allowNotify } = props;
  if (allowNotify.length > 0 && secondaryOf === undefined && !zones.some(({ kind }) => kind === "secondary")) {
    report("DNSLB113", ["allowNotify"], "needs a zone that comes from another server; this one holds all zones itself");
  }
  const addresses = secondaries.map(({ address }) => canonicalAddress(address));
  const firsts = firstEqual(addresses);
  for (const [index, address] of addresses.entries()) {
    const same = firsts[index];
    if (same === undefined) continue;
    report(
      "DNSLB112",
      ["secondaries", index, "address"],
      `must be unique, got "${address}", which is secondaries[${same}] too`,
    );
  }
}

function checkZones({ zones, secondaryOf }: Given, report: Report): void {
  const primaryZones = secondaryOf?.primary[NSD_SERVER].zones ?? [];
  if (zones.length === 0 && secondaryOf === undefined) {
    report("DNSLB111", ["zones"], "must hold at least one zone, or 'secondaryOf' a server that has some");
  }
  if (secondaryOf !== undefined && primaryZones.length === 0) {
    report(
      "DNSLB122",
      ["secondaryOf", "primary"],
      `must hold a zone itself, got ${secondaryOf.primary.node.path}, which holds none`,
    );
  }
  const firsts = firstEqual(zones.map(({ name }) => name));
  const others = new Set(primaryZones.map(({ name }) => name));
  for (const [index, { name }] of zones.entries()) {
    const same = firsts[index];
    if (same !== undefined)
      report("DNSLB112", ["zones", index], `must be unique, got ${name}, which is zones[${same}] too; ${COMPARED}`);
    else if (others.has(name)) {
      report(
        "DNSLB112",
        ["zones", index],
        `must be unique, got ${name}, which comes from 'secondaryOf' too; ${COMPARED}`,
      );
    }
    if (RESERVED.test(name)) {
      report(
        "DNSLB123",
        ["zones", index],
        `must not be ${name}, which is reserved for the load balancer's health checks`,
      );
    }
  }
}

const COMPARED = "names are compared in lower case and with their final dot";

/** The zone that the nodes' health checks query, and its parents. */
const RESERVED = /^(alive\.)?(dns-lb\.)?invalid\.$/;

function checkKeys(props: Given, report: Report): void {
  const { zones, secondaryOf, secondaries, allowTransfer, allowNotify } = props;
  const known = new Map<string, Tsig>(secondaryOf?.primary[NSD_SERVER].keys());
  const given: readonly (readonly [path: readonly PropertyKey[], key: Tsig | undefined])[] = [
    [["secondaryOf", "key"], secondaryOf?.key],
    ...zones.flatMap((zone, index) =>
      zone.kind === "secondary"
        ? zone.primaries.map(({ key }, at) => [["zones", index, "primaries", at, "key"], key] as const)
        : [],
    ),
    ...Object.entries({ secondaries, allowTransfer, allowNotify }).flatMap(([property, peers]) =>
      peers.map(({ key }, index) => [[property, index, "key"], key] as const),
    ),
  ];
  for (const [path, key] of given) {
    if (key === undefined) continue;
    const other = known.get(key.name) ?? key;
    known.set(key.name, other);
    if (JSON.stringify(other) === JSON.stringify(key)) continue;
    report(
      "DNSLB112",
      path,
      `must be the only key of that name, got another key named ${key.name}; give one of them another name: ${COMPARED}`,
    );
  }
}

/** A serial that is a hash can decrease, but a secondary server only transfers a zone whose serial increased. */
function checkSerials({ zones, secondaryOf, secondaries, allowTransfer }: Given, report: Report): void {
  const fix =
    "because secondary servers only transfer a zone when its serial increases; give a 'serial', and increase it with every change";
  if (secondaries.length > 0 || allowTransfer.length > 0) {
    for (const [index, zone] of zones.entries()) {
      if (hasHashedSerial(zone)) report("DNSLB124", ["zones", index], `must have an explicit serial, ${fix}`);
    }
  }
  for (const zone of secondaryOf?.primary[NSD_SERVER].zones.filter(hasHashedSerial) ?? []) {
    report("DNSLB124", ["secondaryOf", "primary"], `must have an explicit serial for ${zone.name}, ${fix}`);
  }
}

function hasHashedSerial(zone: Zone): boolean {
  return zone.kind === "primary" && zone.content.kind === "records" && zone.content.soa.serial === undefined;
}

function checkProxyProtocol(props: Given, report: Report): void {
  const { node, clientAddress, port, transferPort, responseRateLimit } = props;
  if (clientAddress === "hidden") {
    if (responseRateLimit === undefined) return;
    report(
      "DNSLB113",
      ["responseRateLimit"],
      "cannot go with hidden clients, because the load balancer would be limited as one; use its 'rateLimit', or clientAddress \"proxy-protocol\"",
    );
  } else {
    const { versions } = node.profile;
    if (!featuresOf(versions).nsdProxyProtocol) {
      const { version } = FEATURE_SINCE.nsdProxyProtocol;
      report(
        "DNSLB125",
        ["clientAddress"],
        `needs NSD ${version} or newer for "proxy-protocol", and the node has ${versions.nsd}`,
      );
    }
    if (transferPort === port) {
      report(
        "DNSLB113",
        ["transferPort"],
        `must not be the port of the PROXY protocol, got ${port}, since transfers carry no header`,
      );
    }
  }
}
