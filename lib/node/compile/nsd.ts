import type { NsdAttribute, NsdClause, NsdFile } from "../../config/nsd/model.js";
import { familyOf } from "../../core/ip.js";
import type { ComposedFile, ManifestListener } from "../../model/manifest.js";
import type { ReleaseFile, SecretFile } from "../../model/node-spec.js";
import { type DeployedNsdServer, tsigKeysOf } from "../../model/nsd.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import type { Tsig } from "../../model/tsig.js";
import type { PrimaryZone, TransferPeer, TransferPermission, Zone } from "../../model/zone.js";
import { featuresOf } from "../features.js";
import { bothListeners } from "./listener.js";
import { ALIVE_ZONE } from "./names.js";
import { zoneText } from "./zone.js";

/** The file of the zone by which the agent checks which release NSD serves. */
const ALIVE_FILE = "nsd/alive.zone";
/** The most TCP connections; load balancers keep many open. */
const TCP_CONNECTIONS = 256;

/** nsd.conf of a server. */
export function compileNsd(server: DeployedNsdServer, profile: PlatformProfile): NsdFile {
  const current = `${profile.paths.state}/current`;
  return {
    clauses: [
      { kind: "server", attributes: nsdStartSettings(server, profile) },
      {
        kind: "remote-control",
        attributes: [
          ["control-enable", "yes"],
          ["control-interface", `${profile.paths.run}/nsd-control.sock`],
        ],
      },
      ...tsigKeysOf(server).map(
        (key): NsdClause => ({ kind: "key", attributes: [["include", `${current}/${keyFile(key)}`]] }),
      ),
      ...server.zones.map((zone) => zoneClause(zone, server, profile)),
      {
        kind: "zone",
        attributes: [
          ["name", ALIVE_ZONE],
          ["zonefile", `${current}/${ALIVE_FILE}`],
        ],
      },
    ],
  };
}

/** Settings that NSD reads only when it starts. */
export function nsdStartSettings(server: DeployedNsdServer, profile: PlatformProfile): NsdAttribute[] {
  const data = dataFolder(profile);
  return [
    ...endpointsOf(server).map(({ address, port }): NsdAttribute => ["ip-address", `${address}@${port}`]),
    ...(expectsProxyHeaders(server, profile) ? [["proxy-protocol-port", String(server.port)] as const] : []),
    // Bind IPv6 addresses during duplicate address detection.
    ["ip-freebind", "yes"],
    ["server-count", String(server.serverCount)],
    // With a socket for each process, a reload of NSD before 4.8 resets more of the connections that wait for accept.
    ["reuseport", "no"],
    ["tcp-count", String(TCP_CONNECTIONS)],
    ["username", ""],
    ["chroot", ""],
    ["database", ""],
    ["pidfile", ""],
    ["zonesdir", data],
    ["xfrdir", data],
    ["xfrdfile", `${data}/xfrd.state`],
    ["zonelistfile", `${data}/zone.list`],
    // Write transferred zones to disk after so many seconds; NSD does not write them when it stops.
    ["zonefiles-write", "10"],
    ["hide-version", "yes"],
    ["refuse-any", "yes"],
    ["rrl-ratelimit", String(server.responseRateLimit)],
    ...(profile.log === "syslog" ? [["log-only-syslog", "yes"] as const] : []),
  ];
}

/** Every socket that NSD listens on: one for all its processes, without SO_REUSEPORT. */
export function nsdListeners(server: DeployedNsdServer): ManifestListener[] {
  return endpointsOf(server).flatMap(({ address, port }) =>
    bothListeners(address, port, { foreign: true, shared: false }),
  );
}

/** Whether NSD expects PROXY headers on the port for queries. */
export function expectsProxyHeaders({ clientAddress }: DeployedNsdServer, { versions }: PlatformProfile): boolean {
  return clientAddress === "proxy-protocol" && featuresOf(versions).nsdProxyProtocol;
}

function endpointsOf({
  node,
  port,
  transferPort,
}: DeployedNsdServer): { readonly address: string; readonly port: number }[] {
  return [...new Set([port, transferPort])].flatMap((each) =>
    node.addresses.map((address) => ({ address, port: each })),
  );
}

/** The zone files of the primary zones. */
export function nsdZoneFiles({ zones }: DeployedNsdServer): ReleaseFile[] {
  return zones.filter(isPrimary).map((zone) => ({ path: zoneFile(zone), content: zoneText(zone) }));
}

/** The zone for health checks, with the name of this release. */
export function nsdAliveFile(aliveName: string): ReleaseFile {
  const lines = [
    `${ALIVE_ZONE} 0 IN SOA ${ALIVE_ZONE} ${ALIVE_ZONE} 1 3600 3600 3600 0`,
    `${ALIVE_ZONE} 0 IN NS ${ALIVE_ZONE}`,
    `${ALIVE_ZONE} 0 IN A 127.0.0.1`,
    `${aliveName} 0 IN A 127.0.0.1`,
  ];
  return { path: ALIVE_FILE, content: lines.map((line) => `${line}\n`).join("") };
}

/** The secret files of a server, and the files that the agent writes from them for NSD. */
export function nsdSecrets(server: DeployedNsdServer): {
  readonly secretFiles: readonly SecretFile[];
  readonly composedFiles: readonly ComposedFile[];
} {
  const keys = tsigKeysOf(server);
  return {
    secretFiles: keys.map((key) => ({ path: secretFile(key), source: key.secret })),
    composedFiles: keys.map((key) => ({
      kind: "service",
      service: "nsd",
      path: keyFile(key),
      secret: secretFile(key),
      settings: { name: key.name, algorithm: key.algorithm },
    })),
  };
}

/**
 * The check of a release before it is live: includes of nsd.conf are resolved within that release, and every zone file
 * is checked.
 */
export function nsdCheck(server: DeployedNsdServer): string[] {
  const zones = server.zones.filter(isPrimary).flatMap((zone) => [zone.name, zoneFile(zone)]);
  return ["sh", "-c", CHECK, "nsd-check", "{state}/current/", "{release}", ...zones, ALIVE_ZONE, ALIVE_FILE];
}

const CHECK = `cd "$2" || exit
sed "s|$1|$2/|" nsd/nsd.conf | nsd-checkconf /dev/stdin || bad=1
shift 2
while [ $# -gt 0 ]; do nsd-checkzone "$1" "$2" || bad=1; shift 2; done
exit $bad`;

function zoneClause(zone: Zone, server: DeployedNsdServer, profile: PlatformProfile): NsdClause {
  const common: NsdAttribute[] = [
    ["name", zone.name],
    [
      "zonefile",
      isPrimary(zone) ? `${profile.paths.state}/current/${zoneFile(zone)}` : `${dataFolder(profile)}/${fileName(zone)}`,
    ],
  ];
  const incoming =
    zone.kind === "primary"
      ? []
      : [
          ...zone.primaries.map((peer): NsdAttribute => ["request-xfr", endpoint(peer), keyName(peer)]),
          ...[...zone.primaries.map(permission), ...server.allowNotify].map(
            ({ from, ...peer }): NsdAttribute => ["allow-notify", from, keyName(peer)],
          ),
        ];
  const secondaries = isPrimary(zone) ? server.secondaries : [];
  const outgoing = [
    ...secondaries.map((peer): NsdAttribute => ["notify", endpoint(peer), keyName(peer)]),
    ...[...secondaries.map(permission), ...server.allowTransfer].map(
      ({ from, ...peer }): NsdAttribute => ["provide-xfr", from, keyName(peer)],
    ),
  ];
  const sources =
    incoming.length + outgoing.length === 0
      ? []
      : (["ipv4", "ipv6"] as const).flatMap((family) =>
          server.node.addresses
            .filter((address) => familyOf(address) === family)
            .slice(0, 1)
            .map((address): NsdAttribute => ["outgoing-interface", address]),
        );
  return { kind: "zone", attributes: [...common, ...incoming, ...outgoing, ...sources] };
}

function isPrimary(zone: Zone): zone is PrimaryZone {
  return zone.kind === "primary";
}

function permission({ address, key }: TransferPeer): TransferPermission {
  return { from: address, ...(key === undefined ? {} : { key }) };
}

function endpoint({ address, port }: TransferPeer): string {
  return `${address}@${port}`;
}

function keyName({ key }: { readonly key?: Tsig }): string {
  return key?.name ?? "NOKEY";
}

function dataFolder({ paths }: PlatformProfile): string {
  return `${paths.state}/data/nsd`;
}

function zoneFile(zone: PrimaryZone): string {
  return `nsd/zones/${fileName(zone)}`;
}

/** No label holds a comma, so that no other zone's file has the name of the root's. */
function fileName({ name }: Zone): string {
  return name === "." ? ",root.zone" : `${name}zone`;
}

function keyFile({ name }: Tsig): string {
  return `nsd/keys/${name}conf`;
}

function secretFile({ name }: Tsig): string {
  return `secrets/tsig-${name}key`;
}
