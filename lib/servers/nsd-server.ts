import type { Construct } from "constructs";
import { canonicalAddress, familyOf } from "../core/ip.js";
import { daemonName } from "../core/names.js";
import { DEPLOYED_SERVER, type IDeployedServer, type ServerBinding } from "../dns/deployed-server.js";
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

/** Marks NSD servers; secondary servers of the app are attached here. */
export const NSD_SERVER: unique symbol = Symbol.for("cdktf-dns-lb.NsdServer");

/** An authoritative server that others can be secondaries of. */
export interface INsdServer extends IDeployedServer {
  /** What secondary servers of the app see of it. */
  readonly [NSD_SERVER]: PrimaryBinding;
}

/** What secondary servers see of a primary one. */
export interface PrimaryBinding {
  /** The zones that it holds itself. */
  readonly zones: readonly PrimaryZone[];
  /** The addresses and port that its zones are transferred from. */
  readonly endpoints: readonly Pick<TransferPeer, "address" | "port">[];
  /** The keys that it knows so far, by name. */
  keys(): ReadonlyMap<string, Tsig>;
  /** Lets a server transfer the zones, and tells it of changes. */
  addSecondary(secondary: TransferPeer): void;
}

/** A server of the app whose zones another one takes over. */
export interface SecondaryOfOptions {
  /** The server that holds the zones. It lets this one transfer them, and tells it of changes. */
  readonly primary: INsdServer;
  /**
   * Signs and checks what the two tell each other.
   * @default - their addresses are proof enough
   */
  readonly key?: Tsig;
}

/** Properties of an `NsdServer`. */
export interface NsdServerProps extends ServerProps {
  /**
   * The zones that it answers for: from files, from records, or from servers that the app does not deploy.
   * @default - those of `secondaryOf`
   */
  readonly zones?: readonly Zone[];
  /**
   * Takes over all zones that another server of the app holds itself.
   * @default - it is secondary to no server of the app
   */
  readonly secondaryOf?: SecondaryOfOptions;
  /**
   * Servers that the app does not deploy, which may transfer the zones that it holds itself, and are told of changes.
   * @default - the servers that are `secondaryOf` this one
   */
  readonly secondaries?: readonly TransferPeerOptions[];
  /**
   * Who else may transfer zones, all of them. Behind a pool that hides its clients, whoever may transfer there comes from the
   * load balancers' addresses.
   * @default - the secondaries alone
   */
  readonly allowTransfer?: readonly TransferPermissionOptions[];
  /**
   * Who else may tell of changes of zones that come from other servers.
   * @default - their primaries alone
   */
  readonly allowNotify?: readonly TransferPermissionOptions[];
  /**
   * The port of transfers and NOTIFY, which carry no PROXY header.
   * @default - `port`, or 5300 with `clientAddress: "proxy-protocol"`
   */
  readonly transferPort?: number;
  /**
   * How many answers per second one network of clients gets (IPv4 /24, IPv6 /64); beyond that they are dropped or
   * truncated. Only where the server sees its clients: a hidden client is the load balancer, which limits by itself.
   * Between 1 and 1000000.
   * @default - any number
   * @see https://nsd.docs.nlnetlabs.nl/en/latest/manpages/nsd.conf.html
   */
  readonly responseRateLimit?: number;
  /**
   * How many processes share the work: the processors of the node. Between 1 and 64.
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
      zones: [...zones, ...takenOver(secondaryOf, endpoints)],
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
      deployed: { clientAddress },
      model: server,
    });
    if (secondaryOf !== undefined) registerWithPrimary(secondaryOf, endpoints);
  }
}

/** The zones of a primary server of the app. */
function takenOver(secondaryOf: SecondaryOfOptions | undefined, own: PrimaryBinding["endpoints"]): readonly Zone[] {
  if (secondaryOf === undefined) return [];
  const { endpoints, zones } = secondaryOf.primary[NSD_SERVER];
  const primaries = reachable(endpoints, own).map((endpoint) => peer(endpoint, secondaryOf.key));
  return zones.map(({ name }) => ({ kind: "secondary", name, primaries }));
}

function registerWithPrimary({ primary, key }: SecondaryOfOptions, own: PrimaryBinding["endpoints"]): void {
  const { endpoints } = primary[NSD_SERVER];
  for (const endpoint of reachable(own, endpoints)) primary[NSD_SERVER].addSecondary(peer(endpoint, key));
}

/** Those of families that the other side has too. */
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

/** What is written, with its defaults. */
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
  for (const [index, address] of addresses.entries()) {
    const same = addresses.indexOf(address);
    if (same === index) continue;
    report(
      "DNSLB112",
      ["secondaries", index, "address"],
      `must be unique, got "${address}", which is secondaries[${same}] too`,
    );
  }
}

function checkZones({ zones, secondaryOf }: Given, report: Report): void {
  const taken = secondaryOf?.primary[NSD_SERVER].zones ?? [];
  if (zones.length === 0 && secondaryOf === undefined) {
    report("DNSLB111", ["zones"], "must hold at least one zone, or 'secondaryOf' a server that has some");
  }
  if (secondaryOf !== undefined && taken.length === 0) {
    report(
      "DNSLB122",
      ["secondaryOf", "primary"],
      `must hold a zone itself, got ${secondaryOf.primary.node.path}, which holds none`,
    );
  }
  for (const [index, { name }] of zones.entries()) {
    const same = zones.findIndex((zone) => zone.name === name);
    if (same < index) report("DNSLB112", ["zones", index], `must be unique, got ${name}, which is zones[${same}] too`);
    else if (taken.some((zone) => zone.name === name)) {
      report("DNSLB112", ["zones", index], `must be unique, got ${name}, which comes from 'secondaryOf' too`);
    }
    if (RESERVED.test(name)) {
      report("DNSLB123", ["zones", index], `must not be ${name}, in which nodes tell what they serve`);
    }
  }
}

/** The zone of checks, and what is around it. */
const RESERVED = /^(alive\.)?(dns-lb\.)?invalid\.$/;

function checkKeys(props: Given, report: Report): void {
  const { zones, secondaryOf, secondaries, allowTransfer, allowNotify } = props;
  const known = new Map<string, Tsig>(secondaryOf?.primary[NSD_SERVER].keys());
  const given: readonly (readonly [path: readonly PropertyKey[], key: Tsig | undefined])[] = [
    [["secondaryOf", "key"], secondaryOf?.key],
    ...zones.flatMap((zone, index) =>
      zone.kind === "secondary" ? zone.primaries.map(({ key }) => [["zones", index], key] as const) : [],
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
      `must be the only key of that name, got another key named ${key.name}; name one of them otherwise`,
    );
  }
}

/** Serials made of hashes go up and down; a secondary server follows them only upwards. */
function checkSerials({ zones, secondaryOf, secondaries, allowTransfer }: Given, report: Report): void {
  const fix =
    "because secondary servers only follow serials that grow; give a 'serial', and raise it with every change";
  if (secondaries.length > 0 || allowTransfer.length > 0) {
    for (const [index, zone] of zones.entries()) {
      if (hasHashedSerial(zone)) report("DNSLB124", ["zones", index], `must have a serial of its own, ${fix}`);
    }
  }
  for (const zone of secondaryOf?.primary[NSD_SERVER].zones.filter(hasHashedSerial) ?? []) {
    report("DNSLB124", ["secondaryOf", "primary"], `must have a serial of its own for ${zone.name}, ${fix}`);
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
