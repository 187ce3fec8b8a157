import { call, constant, ref, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { secret } from "./secrets.js";
import { clients, domain, duration, plainName, port, seconds, serverAddress } from "./values.js";

/** A server that the app deploys, for a pool. */
export interface DeployedServer {
  readonly id: string;
  readonly role: "resolver" | "authoritative";
  readonly clientAddress: "hidden" | "proxy-protocol";
  readonly zones: readonly string[];
}

/** A drawn pool, as far as frontends depend on it. */
export interface DrawnPool {
  readonly id: string;
  readonly role: "resolver" | "authoritative";
  readonly transfers: boolean;
  /** Whether it names sources of NOTIFY or UPDATE. */
  readonly written: boolean;
  readonly props: Readonly<Record<string, Value>>;
}

const SHARING = ["Balance.leastConnections", "Balance.roundRobin", "Balance.random"] as const;
const WEIGHING = [...SHARING, "Balance.sourceHash"] as const;

/**
 * One balance for both transports, or one for each; servers over TLS take no order for one alone, and a cache no server for each
 * client.
 */
function balance(draw: Draw, tls: boolean, cached: boolean): Value {
  const weighing = cached ? SHARING : WEIGHING;
  const any = () => call(draw.pick<string>(tls ? weighing : [...weighing, "Balance.first"]), null);
  return draw.whole(0, 4) === 3
    ? { udp: any(), tcp: call(draw.pick<string>(weighing), null) }
    : call(draw.pick<string>(weighing), null);
}

/** A pool of servers that may be deployed by the app, over TLS, or fall back to another pool. */
export function pool(
  draw: Draw,
  id: string,
  deployed: readonly DeployedServer[],
  others: readonly DrawnPool[],
): DrawnPool {
  const role = draw.pick(["resolver", "authoritative"] as const);
  const own = deployed.filter((server) => server.role === role && draw.chance(60));
  const proxied = own.some(({ clientAddress }) => clientAddress === "proxy-protocol");
  const servers = own.filter(({ clientAddress }) => (clientAddress === "proxy-protocol") === proxied);
  const proxy = servers.length > 0 ? proxied : draw.chance(20);
  const tls = !proxy && draw.chance(15);
  const named = tls && servers.length === 0 && draw.chance(40);
  const ordered = draw.chance(15);
  const cached = draw.chance(20) && (!proxy || draw.whole(0, 19) === 7);
  const stale = cached && draw.chance(40);
  const members: Value[] = [
    ...servers.map((server) => ref(server.id)),
    ...draw.list(servers.length > 0 ? 0 : 1, 4, () =>
      member(draw, tls && draw.chance(60), !ordered || draw.whole(0, 19) === 7),
    ),
    ...(tls && role === "resolver" && draw.chance(30) ? [constant("PublicResolver.QUAD9")] : []),
  ];
  const transfers = role === "authoritative" && draw.chance(25);
  const written = role === "authoritative" ? writes(draw) : {};
  const fallbacks = others.filter((other) => other.role === role && other.props["fallback"] === undefined);
  const [fallback] = fallbacks;
  const zones = zonesOf(draw, servers);
  const props: Record<string, Value> = {
    servers: members,
    ...(proxy ? { clientAddress: "proxy-protocol" } : draw.some({ clientAddress: () => "hidden" })),
    ...(ordered ? { balance: call("Balance.first", null) } : {}),
    ...(named ? { tls: poolTls(draw) } : {}),
    ...draw.some({
      ...(ordered ? {} : { balance: () => balance(draw, tls, cached && draw.whole(0, 19) !== 7) }),
      ...(stale ? {} : { whenAllDown: () => draw.pick(["try-all", "refuse", "servfail"]) }),
      healthCheck: () =>
        healthCheck(draw, tls, named || (tls && members.every(hasTls)), role === "authoritative" ? zones : ["."]),
      idleTimeout: () => seconds(draw, 1, 120),
    }),
    ...(draw.whole(0, 4) === 4 ? minHealthy(draw) : {}),
    ...(cached ? { cache: cache(draw, stale) } : {}),
    ...(stale && draw.whole(0, 19) !== 7 ? { whenAllDown: "servfail" } : {}),
    ...(fallback && draw.chance(40) ? { fallback: ref(fallback.id) } : {}),
    ...(role === "authoritative" ? { zones } : {}),
    ...(transfers ? { zoneTransfer: zoneTransfer(draw, members) } : {}),
    ...written,
  };
  return {
    ...{ id, role, transfers: transfers || (fallback?.transfers ?? false) },
    written: Object.keys(written).length > 0 || (fallback?.written ?? false),
    props,
  };
}

/** The zones that all servers have, or any. */
function zonesOf(draw: Draw, servers: readonly DeployedServer[]): string[] {
  const [first, ...rest] = servers;
  if (first === undefined) return draw.list(1, 3, () => domain(draw));
  return first.zones.filter((zone) => rest.every(({ zones }) => zones.includes(zone)));
}

function member(draw: Draw, tls: boolean, weighed: boolean): Value {
  return {
    name: plainName(draw, "server"),
    address: serverAddress(draw),
    ...draw.some({ port: () => port(draw), ...(weighed ? { weight: () => draw.whole(1, 256) } : {}) }),
    ...(tls ? { tls: { name: draw.pick(["dns.example.net", "resolver.test."]) } } : {}),
  };
}

/** A cache, perhaps with stale answers. */
function cache(draw: Draw, serveStale: boolean): Value {
  const limits = draw.some({
    entries: () => draw.whole(100, 50_000),
    maximumTtl: () => seconds(draw, 60, 86_400),
    minimumTtl: () => seconds(draw, 0, 60),
  });
  return { ...limits, ...(serveStale ? { serveStale } : draw.some({ serveStale: () => false })) };
}

function minHealthy(draw: Draw): Record<string, Value> {
  const share = `${draw.whole(1, 100)}%`;
  return { minHealthy: share, ...draw.some({ belowMinHealthy: () => draw.pick(["down", "try-all"]) }) };
}

/** How all servers of a pool are verified; rarely without a name, which servers need then. */
function poolTls(draw: Draw): Value {
  return {
    ...(draw.whole(0, 19) === 7 ? {} : { name: draw.pick(["dns.example.net", "resolver.test."]) }),
    ...draw.some({ trust: () => secret(draw, "TrustStore", "authority") }),
  };
}

function hasTls(server: Value): boolean {
  return typeof server === "object" && server !== null && ("tls" in server || "$constant" in server);
}

/** A script, now and then one that needs many runs at a time. */
function script(draw: Draw): Value {
  const wrong = draw.whole(0, 9) === 7;
  const interpreter = draw.pick(
    wrong ? ["#!/bin/sh\r", "#!bin/sh"] : ["#!/bin/sh", "#! /bin/sh -e", "#!/usr/bin/env python3"],
  );
  const rest = draw.pick(["exit 0", 'echo "$3 ${4} %{if}"', "\t\\ ]==] ]]", "\u00e9\u4e2d", ""]);
  return call("HealthCheck.external", {
    script: `${interpreter}\n${rest}\n`,
    ...draw.some({
      interval: () => `${draw.whole(1, 60)}s`,
      timeout: () => duration(draw, 10, 990),
      fall: () => draw.whole(1, 100),
      rise: () => draw.whole(1, 100),
    }),
  });
}

function healthCheck(draw: Draw, tls: boolean, allTls: boolean, zones: readonly string[]): Value {
  if (draw.whole(0, tls ? 99 : 5) === 5) {
    const timing = {
      interval: () => `${draw.whole(1, 60)}s`,
      fall: () => draw.whole(1, 100),
      rise: () => draw.whole(1, 9),
    };
    return call("HealthCheck.tcp", draw.some({ ...timing, timeout: () => duration(draw, 10, 990) }, 50));
  }
  if (draw.whole(0, 9) === 5) return script(draw);
  const value = !tls && draw.chance(25);
  const type = value
    ? draw.pick(["A", "AAAA", "TXT"])
    : draw.pick(["A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]);
  const data = {
    A: "192.0.2.7",
    AAAA: "2001:DB8::7",
    TXT: draw.pick(["well", "it's \\ #$%{}[]", ']] .. "x"', "]==]"]),
  };
  const interval = draw.whole(1, draw.chance(80) ? 60 : 3_600);
  const expect = {
    ...(value
      ? { value: data[type as keyof typeof data], rcodes: ["NOERROR"] }
      : draw.some({ rcodes: () => draw.several(["NOERROR", "NXDOMAIN", "REFUSED"]) })),
    ...draw.some({ answer: () => (value ? "required" : draw.pick(["required", "optional"])) }, allTls ? 80 : 50),
    ...(tls ? {} : draw.some({ authoritative: () => draw.chance(50) })),
  };
  return call(allTls && draw.whole(0, 3) !== 3 ? "HealthCheck.dnsOverTls" : "HealthCheck.query", {
    name: `${draw.pick(["", "health."])}${zones[0] ?? "."}`.replace("health..", "health."),
    type,
    ...draw.some({
      interval: () => `${interval}s`,
      fall: () => draw.whole(1, 100),
      rise: () => draw.whole(1, 100),
      recursionDesired: () => draw.chance(50),
      checkingDisabled: () => draw.chance(50),
      ...(tls && draw.whole(0, 19) !== 7 ? {} : { randomLabel: () => draw.whole(0, 3) === 3 }),
      timeout: () => duration(draw, 10, 990),
    }),
    ...(Object.keys(expect).length > 0 ? { expect } : {}),
  });
}

/** Sources of NOTIFY and UPDATE, addresses among them. */
function writes(draw: Draw): Record<string, Value> {
  const sources = () => (draw.chance(50) ? clients(draw) : draw.several(["10.0.0.5", "FD00::5", "192.168.0.0/16"]));
  return {
    ...(draw.whole(0, 19) === 7 ? { notifyFrom: sources() } : {}),
    ...(draw.whole(0, 19) === 7 ? { updateFrom: sources() } : {}),
  };
}

function zoneTransfer(draw: Draw, members: readonly Value[]): Value {
  const names = members.map((member) =>
    typeof member === "object" && member !== null && "name" in member ? member["name"] : daemonNameOf(member),
  );
  const [first = "none"] = names;
  return {
    ...(draw.whole(0, 19) < 12 ? { primary: first } : { servers: names.slice(0, draw.whole(1, 3)) }),
    allowFrom: draw.chance(15) ? ["0.0.0.0/0", "::/0"] : clients(draw),
    ...draw.some({ idleTimeout: () => seconds(draw, 1, 120) }),
  };
}

/** The name of a deployed server, whose id is drawn in lower case. */
function daemonNameOf(value: Value): string {
  return typeof value === "object" && value !== null && "$ref" in value ? String(value["$ref"]) : "none";
}
