import { canonicalAddress } from "../../core/ip.js";
import { canonicalDomainName } from "../../core/names.js";
import type { HealthCheck, ProbeType } from "../../model/health-check.js";
import { listenersOf } from "../../model/listener.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { DaemonVersions } from "../../model/platform-profile.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";
import { featuresOf } from "../../node/features.js";

/** Records that the servers of a lab answer beside the built-in ones; `name TYPE data`, as in a zone file. */
export interface LabRecords {
  /**
   * Records of authoritative servers, by zone; names are relative to the zone, `@` is the zone.
   *
   * @default - every zone has `www`, `whoami` and `large`
   */
  readonly zones?: Readonly<Record<string, readonly string[]>>;
  /**
   * Records of resolvers; names are fully qualified. Stand-ins for public resolvers do not have them.
   *
   * @default - resolvers answer for `www.example.com`, `whoami.dns-lb.test` and `large.dns-lb.test`
   */
  readonly localData?: readonly string[];
}

/** A port of a stand-in. */
export interface StandInPort {
  readonly port: number;
  readonly proxy: boolean;
  /** The certificate's name, if the port uses TLS. */
  readonly tls?: string;
}

/** A daemon that stands in for servers of pools: one for each address and kind of daemon. */
export interface StandIn {
  /** The name in the `whoami` records. */
  readonly name: string;
  /** The servers that it stands in for, as `pool/server`. */
  readonly plays: readonly string[];
  readonly address: string;
  readonly program: "unbound" | "nsd";
  readonly ports: readonly StandInPort[];
  /** Zones with their records; empty for resolvers. */
  readonly zones: Readonly<Record<string, readonly string[]>>;
  /** Records outside of zones. */
  readonly localData: readonly string[];
  /** The probes of its pools. */
  readonly probes: readonly Probe[];
  /** The addresses that may transfer its zones. */
  readonly transfersTo: readonly string[];
}

/** What a probe asks for. */
export type Probe = Pick<HealthCheck, "name" | "type" | "randomLabel">;

const LARGE = Array.from({ length: 12 }, (_, index) => `"${String(index).padStart(2, "0").repeat(120)}"`).join(" ");

const PROBE_DATA: Readonly<Record<ProbeType, string>> = {
  A: "192.0.2.53",
  AAAA: "2001:db8::53",
  CNAME: "www.example.com.",
  DNSKEY: `257 3 13 ${"A".repeat(86)}==`,
  DS: `1 13 2 ${"0".repeat(64)}`,
  MX: "10 mail.example.com.",
  NS: "ns.example.com.",
  PTR: "host.example.com.",
  SOA: "ns.example.com. hostmaster.example.com. 1 3600 600 86400 60",
  SRV: "0 0 53 host.example.com.",
  TXT: '"well"',
};

const PRIVATE_NAMES = ["www.example.com. A 192.0.2.80", "www.example.com. AAAA 2001:db8::80"];
const PUBLIC_NAMES = [". NS a.root-servers.net.", "www.example.net. A 198.51.100.80"];

/** The stand-ins for all servers of some load balancers. */
export function standIns(
  loadBalancers: readonly LoadBalancer[],
  records: LabRecords,
  versions: DaemonVersions,
): StandIn[] {
  const transfersTo = loadBalancers.flatMap(({ nodes }) => nodes.flatMap(({ addresses }) => addresses));
  const pools = new Map(loadBalancers.flatMap(poolsOf).map((pool) => [pool.name, pool]));
  const passed = passedThrough(loadBalancers);
  const found = new Map<string, StandIn>();
  for (const pool of pools.values()) {
    for (const server of pool.servers) {
      const secure = passed.get(pool.name);
      const program = secure === undefined ? programFor(pool, server, versions) : "unbound";
      const key = `${canonicalAddress(server.address)} ${program}`;
      const plain = standInFor(pool, server, program, records, transfersTo);
      const standIn = secure === undefined ? plain : { ...plain, ports: [...plain.ports, secure] };
      found.set(key, merged(found.get(key), standIn));
    }
  }
  return [...found.values()];
}

/** The port on which the servers of a pool terminate TLS themselves, because a listener passes it on; by pool. */
function passedThrough(loadBalancers: readonly LoadBalancer[]): ReadonlyMap<string, StandInPort> {
  return new Map(
    loadBalancers
      .flatMap(({ frontends }) => frontends)
      .flatMap((frontend) =>
        listenersOf(frontend, "pass-through").map(({ serverName, serverPort = 853 }) => [
          frontend.pool.name,
          { port: serverPort, proxy: frontend.pool.clientAddress === "proxy-protocol", tls: serverName },
        ]),
      ),
  );
}

/** The daemon for a server. If NSD does not support PROXY headers, unbound serves the zones, without transfers. */
function programFor(pool: Pool, server: PoolMember, versions: DaemonVersions): StandIn["program"] {
  const proxied = pool.clientAddress === "proxy-protocol" && !featuresOf(versions).nsdProxyProtocol;
  return pool.role === "resolver" || server.tls !== undefined || proxied ? "unbound" : "nsd";
}

function standInFor(
  pool: Pool,
  server: PoolMember,
  program: StandIn["program"],
  records: LabRecords,
  transfersTo: readonly string[],
): StandIn {
  const authoritative = pool.role === "authoritative";
  const { name, type, randomLabel = false } = pool.healthCheck;
  const zones = authoritative ? zonesOf(pool, server, records) : {};
  return {
    name: server.name,
    plays: [`${pool.name}/${server.name}`],
    address: canonicalAddress(server.address),
    program,
    ports: [
      {
        port: server.port,
        proxy: pool.clientAddress === "proxy-protocol",
        ...(server.tls === undefined ? {} : { tls: server.tls.name }),
      },
    ],
    zones,
    localData: authoritative ? [] : localDataOf(pool, server, records),
    probes: [{ name, type, randomLabel }],
    transfersTo,
  };
}

function localDataOf({ healthCheck }: Pool, server: PoolMember, { localData = [] }: LabRecords): string[] {
  const own = server.tls === undefined ? [...PRIVATE_NAMES, ...localData] : PUBLIC_NAMES;
  return withProbe(healthCheck, [
    ...own,
    `whoami.dns-lb.test. TXT "${server.name}"`,
    `large.dns-lb.test. TXT ${LARGE}`,
  ]);
}

function zonesOf(pool: Pool, server: PoolMember, { zones = {} }: LabRecords): Record<string, readonly string[]> {
  const given = new Map(Object.entries(zones).map(([zone, lines]) => [canonicalDomainName(zone), lines]));
  const { name, type, randomLabel = false } = pool.healthCheck;
  const inside = pool.zones.some((zone) => `.${name}`.endsWith(zone === "." ? "." : `.${canonicalDomainName(zone)}`));
  const names = inside ? pool.zones : [...pool.zones, name];
  return Object.fromEntries(
    names.map(canonicalDomainName).map((zone) => {
      const lines = [
        `@ SOA ns hostmaster 1 3600 600 86400 60`,
        "@ NS ns",
        "ns A 192.0.2.53",
        "www A 192.0.2.80",
        "www AAAA 2001:db8::80",
        `whoami TXT "${server.name}"`,
        `large TXT ${LARGE}`,
        ...(given.get(zone) ?? []),
      ].map((line) => qualified(line, zone));
      const probed = name === zone || name.endsWith(zone === "." ? "." : `.${zone}`);
      const wildcard = randomLabel ? [{ name: wildcardOf(name), type }] : [];
      return [
        zone,
        probed ? [{ name, type }, ...wildcard].reduce((all, probe) => withProbe(probe, all), lines) : lines,
      ];
    }),
  );
}

/** The name of the record that answers for all names with a label in front of this one. */
export function wildcardOf(name: string): string {
  return name === "." ? "*." : `*.${name}`;
}

function withProbe({ name, type }: Probe, lines: readonly string[]): string[] {
  const known = lines.some((line) => ownerOf(line) === name.toLowerCase() && line.split(/\s+/)[1] === type);
  return known ? [...lines] : [...lines, `${name.toLowerCase()} ${type} ${PROBE_DATA[type]}`];
}

/** The owner name of a record. */
export function ownerOf(line: string): string {
  return (line.split(/\s+/)[0] ?? "").toLowerCase();
}

function qualified(line: string, zone: string): string {
  const [owner = "@", ...rest] = line.split(" ");
  if (owner.endsWith(".")) return line;
  const suffix = zone === "." ? "." : `.${zone}`;
  return [owner === "@" ? zone : `${owner}${suffix}`, ...rest].join(" ");
}

function merged(one: StandIn | undefined, other: StandIn): StandIn {
  if (one === undefined) return other;
  const ports = new Map([...one.ports, ...other.ports].map((port) => [port.port, port]));
  return {
    ...one,
    plays: [...one.plays, ...other.plays],
    ports: [...ports.values()],
    zones: { ...one.zones, ...other.zones },
    localData: [...new Set([...one.localData, ...other.localData])],
    probes: [...one.probes, ...other.probes],
  };
}
