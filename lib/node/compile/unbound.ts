import type { UnboundAttribute, UnboundClause, UnboundFile } from "../../config/unbound/model.js";
import { printZoneRecord } from "../../config/zone/print.js";
import { cidrContains, familyOf, hostCidr } from "../../core/ip.js";
import { toBytes } from "../../core/size.js";
import type { ManifestListener } from "../../model/manifest.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { type DeployedUnboundServer, type Forwarder, LOCAL_TTL } from "../../model/unbound.js";
import { bothListeners } from "./listener.js";
import { ALIVE_ZONE } from "./names.js";
import { zoneRecord } from "./zone.js";

/** The trust anchors of the root zone: KSK-2017 and KSK-2024. @see https://data.iana.org/root-anchors/ */
const TRUST_ANCHORS = [
  ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
  ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
];
/** The most TCP connections of a thread; load balancers keep more open than unbound's default of 10. */
const TCP_CONNECTIONS = 256;

/** unbound.conf of a server; `aliveName` is the name that only this configuration answers. */
export function compileUnbound(
  server: DeployedUnboundServer,
  profile: PlatformProfile,
  aliveName: string,
): UnboundFile {
  return {
    clauses: [
      {
        kind: "server",
        attributes: [
          ...process(profile),
          ...unboundStartSettings(server),
          ...capacity(server),
          ...access(server),
          ...resolution(server, profile),
          ...localAnswers(server),
          ["local-zone", ALIVE_ZONE, "static"],
          ["local-data", `${ALIVE_ZONE} 0 IN A 127.0.0.1`],
          ["local-data", `${aliveName} 0 IN A 127.0.0.1`],
        ],
      },
      {
        kind: "remote-control",
        attributes: [
          ["control-enable", "yes"],
          ["control-interface", `${profile.paths.run}/unbound-control.sock`],
          ["control-use-cert", "no"],
        ],
      },
      ...(server.forwardTo.length > 0 ? [forwardZone(".", server.forwardTo)] : []),
      ...server.forwardZones.map(({ name, forwardTo }) => forwardZone(name, forwardTo)),
    ],
  };
}

/** Settings that unbound reads only when it starts. */
export function unboundStartSettings({
  node,
  port,
  clientAddress,
  threads,
}: DeployedUnboundServer): UnboundAttribute[] {
  return [
    ...node.addresses.map((address): UnboundAttribute => ["interface", `${address}@${port}`]),
    ...(clientAddress === "proxy-protocol" ? [["proxy-protocol-port", String(port)] as const] : []),
    // Bind IPv6 addresses during duplicate address detection.
    ["ip-freebind", "yes"],
    ["do-ip6", node.addresses.some((address) => familyOf(address) === "ipv6") ? "yes" : "no"],
    ["so-reuseport", "yes"],
    // What the system grants: later versions ask for 4 MiB, which they do not get without rights, and warn of it.
    ["so-sndbuf", "0"],
    ["num-threads", String(threads)],
    ["incoming-num-tcp", String(TCP_CONNECTIONS)],
  ];
}

/** Every socket that unbound listens on: one for each thread. */
export function unboundListeners({ node, port, threads }: DeployedUnboundServer): ManifestListener[] {
  const traits = { foreign: true, shared: true, sockets: threads };
  return node.addresses.flatMap((address) => bothListeners(address, port, traits));
}

function process({ log }: PlatformProfile): UnboundAttribute[] {
  return [
    ["directory", ""],
    ["chroot", ""],
    ["username", ""],
    ["pidfile", ""],
    ["do-daemonize", "no"],
    ...(log === "syslog"
      ? ([["use-syslog", "yes"]] as const)
      : ([
          ["use-syslog", "no"],
          ["logfile", ""],
        ] as const)),
  ];
}

/**
 * The RRset cache gets twice the memory of the message cache, as unbound's manual advises. Slabs reduce lock
 * contention.
 */
function capacity({ threads, cacheSize }: DeployedUnboundServer): UnboundAttribute[] {
  const third = Math.floor(toBytes(cacheSize) / 3);
  const slabs = String(2 ** Math.ceil(Math.log2(threads)));
  return [
    ["msg-cache-size", String(third)],
    ["rrset-cache-size", String(2 * third)],
    ...["msg-cache-slabs", "rrset-cache-slabs", "infra-cache-slabs", "key-cache-slabs"].map(
      (name): UnboundAttribute => [name, slabs],
    ),
    ["prefetch", "yes"],
  ];
}

/** Allows the clients, and the node itself for the agent's health checks. */
function access({ node, allowFrom }: DeployedUnboundServer): UnboundAttribute[] {
  const networks = [...new Set([...allowFrom, ...node.addresses.map(hostCidr)])];
  return [
    ...networks.map((network): UnboundAttribute => ["access-control", network, "allow"]),
    ["hide-identity", "yes"],
    ["hide-version", "yes"],
  ];
}

function resolution(server: DeployedUnboundServer, { paths }: PlatformProfile): UnboundAttribute[] {
  const forwarders = [...server.forwardTo, ...server.forwardZones.flatMap(({ forwardTo }) => forwardTo)];
  return [
    ["qname-minimisation", server.qnameMinimisation ? "yes" : "no"],
    ...(server.dnssecValidation
      ? ([
          ["module-config", "validator iterator"],
          ...TRUST_ANCHORS.map((anchor) => ["trust-anchor", anchor] as const),
          ...server.insecureZones.map((name) => ["domain-insecure", name] as const),
        ] as const)
      : ([["module-config", "iterator"]] as const)),
    ...(forwarders.some(({ tls }) => tls !== undefined) ? [["tls-cert-bundle", paths.trustStore] as const] : []),
    ...(forwarders.some(({ address }) => isLoopback(address)) ? [["do-not-query-localhost", "no"] as const] : []),
  ];
}

function localAnswers({ localZones, localData }: DeployedUnboundServer): UnboundAttribute[] {
  return [
    ...localZones.map(({ name, type }): UnboundAttribute => ["local-zone", name, type]),
    ...localData.map((record): UnboundAttribute => ["local-data", printZoneRecord(zoneRecord(record, ".", LOCAL_TTL))]),
  ];
}

function forwardZone(name: string, forwarders: readonly Forwarder[]): UnboundClause {
  return {
    kind: "forward-zone",
    attributes: [
      ["name", name],
      ...forwarders.map(
        ({ address, port, tls }): UnboundAttribute => [
          "forward-addr",
          `${address}@${port}${tls === undefined ? "" : `#${tls.name}`}`,
        ],
      ),
      ...(forwarders.some(({ tls }) => tls !== undefined) ? [["forward-tls-upstream", "yes"] as const] : []),
    ],
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || cidrContains("127.0.0.0/8", address);
}
