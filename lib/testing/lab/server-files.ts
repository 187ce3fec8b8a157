import { printNsd } from "../../config/nsd/index.js";
import { printUnbound, type UnboundClause } from "../../config/unbound/index.js";
import type { IssuedCertificate } from "./certificates.js";
import { ownerOf, type StandIn } from "./stand-in.js";

/** The paths of a stand-in. */
export interface ServerPaths {
  readonly directory: string;
  /** The program to run. */
  readonly program: string;
  /** The socket of the dnstap receiver; absent for a server that logs no queries. */
  readonly queryLog?: string;
  /** Certificates by name. */
  readonly certificates: ReadonlyMap<string, IssuedCertificate>;
}

const TTL = 60;

/** The main configuration file of a stand-in, and its zone files, by path. */
export function serverFiles(standIn: StandIn, paths: ServerPaths): Record<string, string> {
  const zones = Object.entries(standIn.zones).map(([zone, lines]) => [zonePath(paths, zone), zoneText(zone, lines)]);
  const main = standIn.program === "nsd" ? nsdConf(standIn, paths) : unboundConf(standIn, paths);
  return { ...Object.fromEntries(zones), [configurationOf(standIn, paths)]: main };
}

/** Path of the main configuration file. */
export function configurationOf(standIn: StandIn, { directory }: ServerPaths): string {
  return `${directory}/${standIn.program}.conf`;
}

/** Path of a zone's file. */
export function zonePath({ directory }: ServerPaths, zone: string): string {
  return `${directory}/zone${zone === "." ? ".root" : `.${zone.replace(/\.$/, "")}`}`;
}

/** A zone file. */
export function zoneText(zone: string, lines: readonly string[]): string {
  return `$ORIGIN ${zone}\n$TTL ${TTL}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** The zone of a name, among those of a stand-in. */
export function zoneOf(standIn: StandIn, name: string): string | undefined {
  return Object.keys(standIn.zones)
    .filter((zone) => zone === "." || name === zone || name.endsWith(`.${zone}`))
    .sort((a, b) => b.length - a.length)[0];
}

/** nsd.conf with all zones or some of them. */
export function nsdConf(standIn: StandIn, paths: ServerPaths, zones = Object.keys(standIn.zones)): string {
  const { directory } = paths;
  const main = printNsd({
    clauses: [
      {
        kind: "server",
        attributes: [
          ...standIn.ports.map(({ port }) => ["ip-address", `${standIn.address}@${port}`] as const),
          ...standIn.ports.flatMap(({ port, proxy }) =>
            proxy ? [["proxy-protocol-port", String(port)] as const] : [],
          ),
          ["username", ""],
          ["chroot", ""],
          ["database", ""],
          ["zonesdir", directory],
          ["pidfile", `${directory}/nsd.pid`],
          ["xfrdfile", `${directory}/xfrd.state`],
          ["xfrdir", directory],
          ["zonelistfile", `${directory}/zone.list`],
          ["identity", standIn.name],
          ["server-count", "1"],
          // Without response rate limiting, which would treat the load balancer as one client.
          ["rrl-ratelimit", "0"],
        ],
      },
      {
        kind: "remote-control",
        attributes: [
          ["control-enable", "yes"],
          ["control-interface", `${directory}/control`],
        ],
      },
      ...zones.map((zone) => ({
        kind: "zone" as const,
        attributes: [
          ["name", zone],
          ["zonefile", zonePath(paths, zone)],
          ...standIn.transfersTo.map((address) => ["provide-xfr", address, "NOKEY"] as const),
        ] as const,
      })),
    ],
  });
  return main + dnstapClause(paths.queryLog, "dnstap-log-auth-query-messages");
}

/**
 * unbound's local zones: one for each known name, so that the probe of one name can be made to fail alone. Other names
 * do not exist, because the lab has no uplink.
 */
export function localZones(standIn: StandIn): ReadonlyMap<string, "static" | "transparent" | "redirect"> {
  const own = standIn.localData.map((line) => [ownerOf(line), "static"] as const);
  const zones = Object.entries(standIn.zones).flatMap(([zone, lines]) => [zone, ...lines.map(ownerOf)]);
  // The record of the name answers for random labels in front of it.
  const labelled = standIn.probes
    .filter(({ name, randomLabel }) => randomLabel && own.some(([owner]) => owner === name.toLowerCase()))
    .map(({ name }) => [name.toLowerCase(), "redirect"] as const);
  return new Map([[".", "static"], ...own, ...zones.map((name) => [name, "transparent"] as const), ...labelled]);
}

function unboundConf(standIn: StandIn, paths: ServerPaths): string {
  const tls = standIn.ports.find((port) => port.tls !== undefined);
  const certificate = paths.certificates.get(tls?.tls ?? "");
  const zones = Object.keys(standIn.zones);
  const server: UnboundClause = {
    kind: "server",
    attributes: [
      ...standIn.ports.map(({ port }) => ["interface", `${standIn.address}@${port}`] as const),
      ...standIn.ports.flatMap(({ port, proxy }) => (proxy ? [["proxy-protocol-port", String(port)] as const] : [])),
      ...(tls === undefined || certificate === undefined
        ? []
        : ([
            ["tls-port", String(tls.port)],
            ["tls-service-pem", certificate.certificate],
            ["tls-service-key", certificate.key],
          ] as const)),
      ["username", ""],
      ["chroot", ""],
      ["pidfile", ""],
      ["directory", paths.directory],
      ["do-daemonize", "no"],
      ["use-syslog", "no"],
      ["num-threads", "1"],
      // The default of 10 is soon used up by a load balancer; then unbound closes connections that are idle for 200 ms.
      ["incoming-num-tcp", "100"],
      ["module-config", "iterator"],
      ["identity", standIn.name],
      ["access-control", "0.0.0.0/0", "allow"],
      ["access-control", "::/0", "allow"],
      ...[...localZones(standIn)].map(([name, kind]) => ["local-zone", name, kind] as const),
      ...standIn.localData.map((line) => ["local-data", withTtl(line)] as const),
    ],
  };
  const main = printUnbound({
    clauses: [
      server,
      {
        kind: "remote-control",
        attributes: [
          ["control-enable", "yes"],
          ["control-interface", `${paths.directory}/control`],
          ["control-use-cert", "no"],
        ],
      },
      ...zones.map((zone) => ({
        kind: "auth-zone" as const,
        attributes: [
          ["name", zone],
          ["zonefile", zonePath(paths, zone)],
          ["for-downstream", "yes"],
          ["for-upstream", "no"],
          ["fallback-enabled", "no"],
        ] as const,
      })),
    ],
  });
  return main + dnstapClause(paths.queryLog, "dnstap-log-client-query-messages");
}

/** Adds TTL and class: `name TYPE data` becomes `name 60 IN TYPE data`. */
function withTtl(line: string): string {
  return line.replace(/\s+/, ` ${TTL} IN `);
}

/** Written as text because `lib/config` has no such clause: only labs use dnstap. */
function dnstapClause(socket: string | undefined, messages: string): string {
  if (socket === undefined) return "";
  return `
dnstap:
  dnstap-enable: yes
  dnstap-socket-path: "${socket}"
  ${messages}: yes
`;
}
