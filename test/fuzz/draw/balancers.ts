import { call, ref, type Step, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { frontendExtra, loadBalancerExtra } from "./extra.js";
import { announcement } from "./groups.js";
import { address, address6, node, routedSite, type Site, site } from "./nodes.js";
import type { DrawnPool } from "./pools.js";
import { secret } from "./secrets.js";
import { clients, domain, duration, id, networks, plainName, seconds } from "./values.js";

/** A load balancer with its nodes, frontends and listeners. */
export function loadBalancer(draw: Draw, number: number, pools: readonly [DrawnPool, ...DrawnPool[]]): Step[] {
  const kind = draw.pick(["pair", "pair", "pair", "group", "standalone", "standalone"] as const);
  if (kind === "group") return group(draw, routedSite(draw, number), pools);
  const place = site(draw, number);
  return kind === "pair" ? pair(draw, place, pools) : standalone(draw, place, pools);
}

type Pools = readonly [DrawnPool, ...DrawnPool[]];

function pair(draw: Draw, place: Site, pools: Pools): Step[] {
  const name = id(draw, "Pair");
  const isShared = place.network === "host" ? false : draw.chance(50);
  const isMade = place.network === "default" || place.network === "bridge";
  const apart = !isShared && !isMade;
  const out = apart ? draw.pick([undefined, undefined, undefined, 0, 1] as const) : undefined;
  const stack = `lb${place.number}`;
  const ids = ["a", "b"].map((letter) => `n${place.number}${letter}`);
  const nodes = ids.flatMap((each, index) =>
    node(draw, place, {
      ...{ id: each, host: index + 2, daemons: "load-balancer", outOfService: out === index },
      ...{ in: apart ? `${stack}${each}` : stack, alone: apart },
    }),
  );
  const addresses = virtualAddresses(draw, place);
  const families = new Set(addresses.map((each) => String(each["address"]).includes(":")));
  const policy = policyOf(draw, pools, { isPair: true, isNew: isNewAt(place) });
  const props = {
    nodes: ids.map(ref),
    virtualAddresses: addresses,
    virtualRouterId: draw.pick([place.number + 1, 255 - place.number]),
    ...draw.some({
      // Few of the long ones: a lab waits for three adverts.
      advertisementInterval: () => duration(draw, 10, draw.chance(95) ? 1_000 : 40_000, 10),
      ttlSecurity: () => draw.chance(50),
      preferredNode: () => ref(draw.pick(ids as [string, string])),
    }),
    ...(place.second && draw.chance(40) && (place.ipv6 || !families.has(true))
      ? { advertisementInterface: "eth1" }
      : {}),
    ...policy.props,
    ...statistics(draw, [address(place, 53)]),
  };
  const own = addresses.map((each) => String(each["address"]));
  return [
    ...nodes,
    { make: "HaPair", id: name, in: stack, props },
    ...monitoring(draw, name, stack, props),
    ...frontends(draw, { name, stack, own, pools, isNew: isNewAt(place), ...policy }),
  ];
}

function virtualAddresses(draw: Draw, place: Site): Record<string, Value>[] {
  const { device, network } = place;
  const first = (own: string, gateway: string) => ({
    address: own,
    ...draw.some({ interface: () => device, gateway: () => gateway }),
  });
  const router = network === "existing" ? 200 : 253;
  return [
    first(address(place, 53), address(place, router)),
    ...(draw.chance(40) ? [first(address(place, 54), address(place, router))] : []),
    ...(place.ipv6 && draw.chance(70) ? [first(address6(place, 0x53).toUpperCase(), address6(place, 0xfe))] : []),
    ...(place.second && draw.chance(60)
      ? [
          {
            address: address(place, 55, true),
            interface: "eth1",
            ...draw.some({ gateway: () => address(place, 253, true) }),
          },
        ]
      : []),
  ];
}

function group(draw: Draw, place: Site, pools: Pools): Step[] {
  const name = id(draw, "Group");
  const count = draw.pick([1, 2, 2, 3]);
  const stack = `lb${place.number}`;
  const ids = ["a", "b", "c"].slice(0, count).map((letter) => `n${place.number}${letter}`);
  // Nodes on one engine share a network that is there.
  const apart = place.network === "host" || place.network === "macvlan" || draw.chance(50);
  const out = count > 1 && apart ? draw.pick([undefined, undefined, undefined, 0, count - 1] as const) : undefined;
  const nodes = ids.flatMap((each, index) =>
    node(draw, place, {
      ...{ id: each, host: index + 2, daemons: "anycast", outOfService: out === index },
      ...{ in: apart ? `${stack}${each}` : stack, alone: apart },
    }),
  );
  const { props: announced, own } = announcement(draw, place, ids);
  const policy = policyOf(draw, pools, { isPair: false, isNew: isNewAt(place) });
  const [first = ""] = own;
  const props = { ...announced, ...policy.props, ...statistics(draw, [first]) };
  return [
    ...nodes,
    { make: "AnycastGroup", id: name, in: stack, props },
    ...frontends(draw, { name, stack, own, pools, isNew: isNewAt(place), ...policy }),
  ];
}

function standalone(draw: Draw, place: Site, pools: Pools): Step[] {
  const name = id(draw, "Single");
  const [stack, own] = [`lb${place.number}`, `n${place.number}`];
  const nodes = node(draw, place, {
    id: own,
    host: 2,
    in: stack,
    daemons: "load-balancer",
    outOfService: false,
    alone: true,
  });
  const policy = policyOf(draw, pools, { isPair: false, isNew: isNewAt(place) });
  const props = { node: ref(own), ...policy.props, ...statistics(draw, [address(place, 2)]) };
  const addresses = [
    address(place, 2),
    ...(place.ipv6 ? [address6(place, 2)] : []),
    ...(place.second ? [address(place, 2, true)] : []),
  ];
  return [
    ...nodes,
    { make: "StandaloneLoadBalancer", id: name, in: stack, props },
    ...monitoring(draw, name, stack, props),
    ...frontends(draw, { name, stack, own: addresses, pools, isNew: isNewAt(place), ...policy }),
  ];
}

interface Policy {
  readonly props: Readonly<Record<string, Value>>;
  /** Whether connections end at an age. */
  readonly ends: boolean;
}

/** Whether the nodes have the daemons of the newer release. */
const isNewAt = ({ release }: Site): boolean => release !== "DEBIAN_12";

function policyOf(draw: Draw, pools: Pools, { isPair, isNew }: Readonly<Record<"isPair" | "isNew", boolean>>): Policy {
  // An age of connections would cut transfers.
  const ends = pools.some(({ transfers }) => !transfers) && draw.chance(20);
  const props = {
    ...draw.some({ outstandingQueries: () => draw.pick([100, 5_000, 65_535]) }, 20),
    ...draw.some({ connectionLog: () => connectionLog(draw) }, 30),
    ...(draw.chance(15) ? { hardStopAfter: draw.pick(["10s", "90m", "1d"]) } : {}),
    ...draw.some({ extra: () => loadBalancerExtra(draw, isPair) }, 20),
    ...(isNew && draw.chance(30) ? { identity: draw.chance(80) } : {}),
    ...(ends ? { maximumConnectionAge: seconds(draw, 10, 86_400) } : {}),
  };
  return { props, ends };
}

function connectionLog(draw: Draw): Value {
  const format = draw.some({ format: () => draw.pick(["text", "json"]) });
  if (draw.chance(50)) return call("ConnectionLog.local", format);
  return call("ConnectionLog.syslog", {
    ...{ ...format, address: draw.pick(["192.0.2.9", "2001:db8::9"]) },
    ...draw.some({ port: () => draw.whole(1, 65_535), facility: () => draw.pick(["daemon", "local0", "local7"]) }),
  });
}

function statistics(draw: Draw, addresses: readonly [string]): Record<string, Value> {
  if (!draw.chance(35)) return {};
  const options = {
    user: plainName(draw, "ops"),
    password: secret(draw, "Secret", "password"),
    ...draw.some({
      address: () => draw.pick(addresses),
      port: () => draw.pick([8_404, 9_000, 1, 65_535]),
      allowFrom: () => clients(draw),
      certificate: () => secret(draw, "Certificate", "certificate"),
    }),
  };
  return { statistics: options };
}

/** What Prometheus needs for a load balancer that tells its metrics. */
function monitoring(draw: Draw, name: string, stack: string, props: Readonly<Record<string, Value>>): Step[] {
  if (props["statistics"] === undefined || !draw.chance(50)) return [];
  const options = draw.some({
    directory: () => draw.pick(["prometheus", "for/monitoring_1", "9"]),
    passwordFile: () => draw.pick(["/p", '/etc/it\'s "here": #1']),
    caFile: () => "/etc/ssl/certs/ca-certificates.crt",
    scrapeInterval: () => seconds(draw, 1, 120),
  });
  return [
    { make: "MonitoringFiles", id: `${name}Files`, in: stack, props: { loadBalancers: [ref(name)], ...options } },
  ];
}

interface Holder {
  readonly name: string;
  readonly stack: string;
  readonly own: readonly string[];
  readonly pools: Pools;
  readonly ends: boolean;
  /** Whether its nodes have the daemons of Debian 13. */
  readonly isNew: boolean;
}

/** Frontends that share the addresses of a load balancer. */
function frontends(draw: Draw, { name, stack, own, pools, ends, isNew }: Holder): Step[] {
  const count = Math.min(own.length, draw.whole(1, 3));
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const mine = own.filter((_, at) => at % count === index);
    const allowed = pools.filter(({ transfers }) => !(ends && transfers));
    const pool = draw.pick((allowed.length > 0 ? allowed : pools) as Pools);
    const inspected = ends || pool.transfers || pool.written || draw.chance(50);
    // Resolvers of a route need clients that are named, which every frontend of resolvers has.
    const others = allowed.filter((each) => each.role === "authoritative" || pool.role === "resolver");
    const routes = inspected && others.length > 0 && draw.chance(35) ? routesTo(draw, others as unknown as Pools) : [];
    const frontend = id(draw, "Front");
    const idle = draw.whole(1, 120);
    const [first] = mine;
    const listens =
      count === 1 && draw.chance(50) ? {} : mine.length === 1 ? { address: first ?? "" } : { addresses: mine };
    const props = {
      ...{ loadBalancer: ref(name), pool: ref(pool.id), ...listens },
      ...draw.some({ tcpPath: () => (inspected ? "inspected" : "direct") }),
      ...(pool.role === "resolver" || draw.chance(40) ? { allowFrom: clients(draw) } : {}),
      ...draw.some({
        accessRules: () => draw.list(0, 3, () => accessRule(draw, { inspected, pool, isNew })),
        rateLimit: () => rateLimit(draw, inspected),
        ...(routes.length > 0 ? { routes: () => routes } : {}),
        logConnections: () => draw.chance(50),
        extra: () => frontendExtra(draw, inspected),
        closeTimeout: () => `${draw.whole(1, Math.min(idle, 10))}s`,
      }),
      ...(draw.chance(50) ? { idleTimeout: `${Math.max(idle, 10)}s` } : {}),
      ...(draw.chance(20) ? { port: draw.pick([53, 1_053, 5_353]) } : {}),
    };
    const make = draw.pick(["DnsFrontend", "addDnsFrontend"]);
    return [{ make, id: frontend, in: stack, props }, ...dotListeners(draw, frontend, stack, ends)];
  });
}

/** Routes with names of their own, so that none takes the queries of another; one without names at most. */
function routesTo(draw: Draw, pools: Pools): Value[] {
  const named = draw.list(0, 3, (index) => {
    const pool = draw.pick(pools);
    const names = [`r${index}.${domain(draw)}`, ...(draw.chance(30) ? [`deep.r${index}.test`] : [])];
    return call("Route.toPool", ref(pool.id), {
      names: pool.role === "authoritative" && draw.whole(0, 19) !== 7 ? inZonesOf(pool, index) : names,
      ...draw.some({ types: () => draw.several(["A", "SRV", 65_280, "SOA"]), from: () => networks(draw) }),
    });
  });
  const others = draw.chance(40) ? [call("Route.toPool", ref(draw.pick(pools).id), { types: ["SRV"] })] : [];
  return [...others, ...named];
}

/** A name of the route with this number in a zone of a pool. */
function inZonesOf({ props }: DrawnPool, index: number): string[] {
  const [zone = "."] = props["zones"] as readonly string[];
  return [zone === "." ? `r${index}.` : `r${index}.${zone}`];
}

interface Policed {
  readonly inspected: boolean;
  readonly pool: DrawnPool;
  readonly isNew: boolean;
}

function accessRule(draw: Draw, { inspected, pool, isNew }: Policed): Value {
  if (pool.role === "authoritative" && isNew && draw.chance(15)) {
    const [zone = "."] = pool.props["zones"] as readonly Value[];
    const some = draw.some(
      { from: () => networks(draw), names: () => [zone], ttl: () => draw.pick(["1s", "30m", "7d"]) },
      50,
    );
    return call("AccessRule.minimalAny", some);
  }
  const isTruncated = draw.chance(25);
  const some = draw.some(
    inspected || isTruncated
      ? {
          from: () => networks(draw),
          names: () => draw.list(1, 3, () => domain(draw)),
          types: () => draw.several(["ANY", "AXFR", "IXFR", "HTTPS", "SVCB", "PTR", "NULL", 65_280, 255]),
          classes: () => draw.several(["CH", "HS", "NONE", "ANY", 2]),
          opcodes: () => draw.several(["IQUERY", "STATUS", "NOTIFY", "UPDATE", 6, 15]),
        }
      : { from: () => networks(draw) },
    50,
  );
  const options = Object.keys(some).length > 0 ? some : { from: networks(draw) };
  if (isTruncated) return call("AccessRule.truncate", options);
  if (draw.chance(50)) return call("AccessRule.drop", options);
  return call("AccessRule.refuse", {
    ...options,
    ...(isNew && draw.chance(30)
      ? {
          extendedError: draw.pick(["blocked", "filtered", "prohibited", "other", 49_152, 65_535]),
          ...draw.some({ extendedErrorText: () => draw.pick(["ask us", "\"'\\ %{}[]$", "]] .. x"]) }),
        }
      : {}),
  });
}

function rateLimit(draw: Draw, inspected: boolean): Value {
  const isLimited = inspected && draw.whole(0, 4) > 1;
  const rate = draw.whole(1, 1_000);
  const limits = draw.some(
    {
      connections: () => `${draw.whole(1, 10_000)}/${draw.pick(["s", "10s", "1m", "12d", "h", "250ms"])}`,
      concurrentConnections: () => draw.pick([1, 100, 1_000_000]),
      bytesOut: () => draw.pick(["64k/s", "640k/10s", "1g/4h", "1g/s", "10m/10s", "512k/250ms"]),
    },
    60,
  );
  const queries = {
    queries: `${rate * 10}/${draw.pick(["s", "10s", "1s", "5s"])}`,
    ...draw.some({
      exceeded: () => draw.pick(["truncate", "drop", "refuse"]),
      burst: () => draw.pick([30, rate * 300]),
    }),
  };
  const given = { ...limits, ...(isLimited ? queries : {}) };
  return call("RateLimit.perClient", {
    ...(Object.keys(given).length > 0 ? given : { connections: "30/10s" }),
    ...draw.some({
      per: () => draw.some({ ipv4: () => draw.whole(1, 32), ipv6: () => draw.whole(1, 128) }, 60),
      exempt: () => draw.several(["198.51.100.0/24", "2001:db8::/32", "10.9.9.9/32", "fd00:9::9/128"]),
    }),
  });
}

function dotListeners(draw: Draw, frontend: string, stack: string, ends: boolean): Step[] {
  return draw.list(0, 2, (index) => {
    const passed = (!ends || draw.whole(0, 19) === 7) && draw.whole(0, 9) === 7;
    const props = {
      frontend: ref(frontend),
      ...(passed ? { passThrough: passThrough(draw) } : { certificate: secret(draw, "Certificate", "certificate") }),
      ...(index === 0 ? draw.some({ port: () => 853 }) : { port: draw.pick([8_853, 443, 65_534]) }),
      ...draw.some({
        idleTimeout: () => seconds(draw, 10, 3_600),
        closeTimeout: () => seconds(draw, 1, 10),
      }),
      ...(passed && draw.whole(0, 19) !== 7
        ? {}
        : draw.some({
            serverName: () => "dns.test",
            moreCertificates: () => draw.list(0, 3, () => secret(draw, "Certificate", "certificate")),
            strictSni: () => draw.chance(50),
            clientAuth: () => clientAuth(draw),
            ticketKeys: () => secret(draw, "Secret", "tickets"),
            minimumTlsVersion: () => draw.pick(["1.2", "1.3"]),
          })),
    };
    return { make: "DotListener", id: id(draw, "Dot"), in: stack, props };
  });
}

/** How TLS is passed on to the servers. */
function passThrough(draw: Draw): Value {
  return {
    name: draw.pick(["dns.example.net", "ns1.test."]),
    ...draw.some({
      port: () => draw.pick([853, 8_853]),
      trust: () => secret(draw, "TrustStore", "authority"),
      serversJudge: () => draw.chance(50),
    }),
  };
}

/** Which clients are served by their certificates; rarely names where clients need present none. */
function clientAuth(draw: Draw): Value {
  const named = draw.whole(0, 19) === 7;
  const mode = draw.pick(["optional", "required"]);
  const names = () => draw.several(["client one", "host.example.com", 'it\'s a \\b "c"', "${d} %{e} #f", "*"]);
  return {
    trust: secret(draw, "TrustStore", "authority"),
    ...draw.some({ mode: () => mode, ...(named || mode === "required" ? { allowedNames: names } : {}) }),
  };
}
