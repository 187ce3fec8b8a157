import { toMilliseconds } from "../../lib/core/duration.js";
import { canonicalAddress, cidrContains, familyOf } from "../../lib/core/ip.js";
import { canonicalDomainName, isInZone } from "../../lib/core/names.js";
import { mayMatchQuery } from "../../lib/model/access-rule.js";
import type { Frontend } from "../../lib/model/frontend.js";
import { listenersOf } from "../../lib/model/listener.js";
import { type LoadBalancer, poolsOf } from "../../lib/model/load-balancer.js";
import { type Pool, withFallback } from "../../lib/model/pool.js";
import type { LabRecords } from "../../lib/testing/lab/stand-in.js";

/** A query of a client to a listener of a frontend at one address. */
export interface Question {
  readonly client: string;
  readonly server: string;
  readonly transport: "udp" | "tcp" | "dot";
  readonly port: number;
  readonly name: string;
  /** Whether the listener takes certificates of clients. */
  readonly identifies: boolean;
  /** The answers that are right: the names of servers. */
  readonly answers: readonly string[];
}

/** The questions to a frontend, and what cannot be asked, with the reason. */
export interface Questions {
  readonly asked: readonly Question[];
  readonly notAsked: readonly string[];
}

const CLIENTS = {
  ipv4: ["10.77.7.7", "192.168.7.7", "192.168.77.7", "198.18.0.7"],
  ipv6: ["fd00:7::7", "fd00:77::7"],
} as const;

/** Questions to each listener of a frontend at each of its addresses, UDP first. */
export function questionsTo(frontend: Frontend, all: readonly LoadBalancer[]): Questions {
  const [asked, notAsked]: [Question[], string[]] = [[], []];
  if (!isProbedWell(frontend.pool)) {
    return { asked, notAsked: [`${frontend.name}: the servers of a lab do not answer as its probe expects`] };
  }
  const name = nameFor(frontend);
  let connections = frontend.rateLimit?.connections?.events ?? Number.POSITIVE_INFINITY;
  for (const server of frontend.addresses) {
    const client = clientFor(frontend, server, all);
    const about = `${frontend.name} at ${server}`;
    if (client === undefined || name === undefined) {
      notAsked.push(`${about}: ${client === undefined ? "no client is let in" : "no name is answered"}`);
      continue;
    }
    const target = poolFor(frontend, name, client);
    const isKnown =
      target.role === "resolver"
        ? frontend.pool.role === "resolver"
        : target.zones.some((zone) => isInZone(name, zone));
    if (!isProbedWell(target) || !isKnown) {
      notAsked.push(`${about}: a route leads to servers that do not answer`);
      continue;
    }
    const answers = withFallback(target).flatMap(({ servers }) => servers.map((each) => each.name));
    const common = { client, server, name, answers };
    asked.push({ ...common, transport: "udp", port: 53, identifies: false });
    const listeners = [
      { transport: "tcp", port: 53, identifies: false } as const,
      ...listenersOf(frontend, "dot").map(
        ({ port, clientAuth }) => ({ transport: "dot", port, identifies: clientAuth !== undefined }) as const,
      ),
    ];
    for (const listener of listeners) {
      connections -= 1;
      if (connections >= 0) asked.push({ ...common, ...listener });
      else notAsked.push(`${about} over ${listener.transport}: the client may open no more connections`);
    }
  }
  return { asked, notAsked };
}

/**
 * Whether the servers of a lab can answer a pool's probe: they say NOERROR, and their zones have a SOA at the apex alone and
 * no CNAME there. A DS record stands above a zone, and no wildcard answers a type of zones.
 */
function isProbedWell({ role, zones, healthCheck: { name, type, expect, randomLabel } }: Pool): boolean {
  if (randomLabel && (expect.value !== undefined || ["CNAME", "DNSKEY", "DS", "NS", "SOA"].includes(type)))
    return false;
  const isApex = zones.some((zone) => canonicalDomainName(zone) === canonicalDomainName(name));
  const isPossible = role === "resolver" || (type === "SOA" ? isApex : (type !== "CNAME" && type !== "DS") || !isApex);
  return isPossible && expect.rcodes.includes("NOERROR");
}

/** Seconds that a load balancer may take for its first answer: nodes become master after three adverts are missing. */
export function patienceFor({ mobility }: LoadBalancer): number {
  return 30 + (mobility.kind === "vrrp" ? (4 * toMilliseconds(mobility.advertisementInterval)) / 1_000 : 0);
}

/** The pool to which the question goes: by the longest name, then the first. */
function poolFor({ pool, routes = [] }: Frontend, name: string, client: string): Pool {
  let best: { readonly length: number; readonly pool: Pool } | undefined;
  for (const route of routes) {
    if (route.from.length > 0 && !route.from.some((network) => cidrContains(network, client))) continue;
    if (!mayMatchQuery(route, ["TXT"])) continue;
    const fits = route.names.filter((each) => isInZone(name, each)).map((each) => each.split(".").length);
    if (route.names.length > 0 && fits.length === 0) continue;
    const length = Math.max(0, ...fits);
    if (best === undefined || length > best.length) best = { length, pool: route.pool };
  }
  return best?.pool ?? pool;
}

/** A client that the frontend serves and no rule turns away. */
function clientFor(
  { allowFrom, accessRules }: Frontend,
  server: string,
  all: readonly LoadBalancer[],
): string | undefined {
  const taken = new Set(all.flatMap(({ nodes }) => nodes.flatMap(({ addresses }) => addresses)));
  return CLIENTS[familyOf(server) ?? "ipv4"].find(
    (address) =>
      !taken.has(address) &&
      allowFrom.some((network) => cidrContains(network, address)) &&
      !accessRules.some(({ from }) => from.some((network) => cidrContains(network, address))),
  );
}

/** A name that the servers answer and no rule turns away. */
function nameFor({ pool, accessRules }: Frontend): string | undefined {
  const [zone = "."] = pool.zones;
  const name = pool.role === "resolver" ? "whoami.dns-lb.test." : zone === "." ? "whoami." : `whoami.${zone}`;
  const isRefused = accessRules.some(
    (rule) =>
      rule.from.length === 0 &&
      (rule.names.length === 0 || rule.names.some((each) => isInZone(name, each))) &&
      mayMatchQuery(rule, ["TXT"]),
  );
  return isRefused ? undefined : name;
}

/** An address and port at which pools need servers of different kinds, which no lab can start; undefined if there is none. */
export function contradiction(all: readonly LoadBalancer[]): string | undefined {
  const kinds = new Map<string, string>();
  for (const { role, clientAddress, servers } of all.flatMap(poolsOf)) {
    for (const { address, port, tls } of servers) {
      const place = `${canonicalAddress(address)} on port ${port}`;
      const kind = `${role} ${clientAddress} ${tls?.name ?? "plain"}`;
      if ((kinds.get(place) ?? kind) !== kind) return `pools need servers of different kinds at ${place}`;
      kinds.set(place, kind);
    }
  }
  return undefined;
}

/** The records that probes expect by their value, for the servers of a lab. */
export function probedRecords(all: readonly LoadBalancer[]): LabRecords {
  const zones: Record<string, string[]> = {};
  const localData: string[] = [];
  for (const { role, healthCheck, zones: own } of all.flatMap(poolsOf)) {
    const { name, type, expect } = healthCheck;
    if (expect.value === undefined) continue;
    const record = `${name} ${type} ${type === "TXT" ? quoted(expect.value) : expect.value}`;
    const zone = own.find((each) => isInZone(name, each));
    if (role === "resolver") localData.push(record);
    else if (zone !== undefined) zones[zone] = [...new Set([...(zones[zone] ?? []), record])];
  }
  return { zones, localData: [...new Set(localData)] };
}

/** A text in a record, whose quotes unbound takes in no other way (RFC 1035, 5.1). */
function quoted(text: string): string {
  return `"${text.replace(/["'\\]/g, (mark) => `\\${String(mark.charCodeAt(0)).padStart(3, "0")}`)}"`;
}
