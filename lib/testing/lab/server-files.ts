import { printNsd } from "../../config/nsd/index.js";
import { printUnbound, type UnboundClause } from "../../config/unbound/index.js";
import type { IssuedCertificate } from "./certificates.js";
import { ownerOf, type StandIn } from "./stand-in.js";

/** Where a stand-in keeps its things. */
export interface ServerPaths {
  readonly directory: string;
  /** What is run. */
  readonly program: string;
  /** Where it sends its queries by dnstap. */
  readonly queryLog: string;
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

/** The zone that a name is in, of those that a stand-in serves. */
export function zoneOf(standIn: StandIn, name: string): string | undefined {
  return Object.keys(standIn.zones)
    .filter((zone) => zone === "." || name === zone || name.endsWith(`.${zone}`))
    .sort((a, b) => b.length - a.length)[0];
}

/** nsd.conf, of all zones or of some of them. */
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
          // It would take the load balancer for one busy client.
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
 * What unbound does with names: every name that it knows is a zone of its own, so that one can be made ill while the
 * others stay well; what it does not know does not exist, since nothing leads out of the lab.
 */
export function localZones(standIn: StandIn): ReadonlyMap<string, "static" | "transparent"> {
  const own = standIn.localData.map((line) => [ownerOf(line), "static"] as const);
  const zones = Object.entries(standIn.zones).flatMap(([zone, lines]) => [zone, ...lines.map(ownerOf)]);
  return new Map([[".", "static"], ...own, ...zones.map((name) => [name, "transparent"] as const)]);
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
      // Of 10, its default, a load balancer's clients need most, and then it closes connections idle for 200 ms.
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

/** `name 60 TYPE data` of `name TYPE data`. */
function withTtl(line: string): string {
  return line.replace(/\s+/, ` ${TTL} IN `);
}

/** Neither dialect of `lib/config` has this clause: nobody's production needs it of us. */
function dnstapClause(socket: string, messages: string): string {
  return `
dnstap:
  dnstap-enable: yes
  dnstap-socket-path: "${socket}"
  ${messages}: yes
`;
}
