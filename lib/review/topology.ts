import { familyOf, hostPort } from "../core/ip.js";
import type { BgpMobility } from "../model/address-mobility.js";
import { DNS_PORT } from "../model/dns-listener.js";
import type { Frontend } from "../model/frontend.js";
import type { Listener } from "../model/listener.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import { connectionsOf } from "../model/node-connections.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { DaemonVersions } from "../model/platform-profile.js";
import { type Pool, withFallback, zoneServers } from "../model/pool.js";
import { firstOf, shortened, wrapped } from "./text-width.js";
import {
  balanceText,
  cacheText,
  countText,
  isEverybody,
  judgementText,
  limitTexts,
  numbered,
  probeText,
  routeText,
  serverText,
  whenDownText,
} from "./words.js";

/*
 * What the picture of a load balancer shows, before anything has a place: cards with lines, and ways between them.
 */

/** A thing of the picture. */
export interface Card {
  /** Unique in the picture. */
  readonly id: string;
  readonly kind: "clients" | "frontend" | "pool" | "node" | "addresses" | "more";
  readonly title: string;
  readonly lines: readonly Line[];
}

/** A line of a card. */
export interface Line {
  readonly text: string;
  readonly style: "plain" | "quiet" | "server" | Engine;
}

/** The daemon that passes queries or connections on. */
export type Engine = "dnsdist" | "haproxy";

/** A way of queries from one card to another. */
export interface Way {
  readonly from: string;
  /** The line from which it leaves; absent for the title. */
  readonly line?: number;
  readonly to: string;
  readonly kind: "asks" | Engine | "fallback";
}

/** The picture of a load balancer. */
export interface Topology {
  readonly title: string;
  readonly summary: string;
  /** What runs the rest: nodes and what they share. */
  readonly nodes: readonly Card[];
  /** The way of queries, from clients to servers. */
  readonly cards: readonly Card[];
  readonly ways: readonly Way[];
}

/** With more frontends than this, those that are alike share a card. */
const MOST_SINGLE = 8;
/** Cards of frontends that are drawn; the page lists all. More would be neither readable nor cheap. */
const MOST_FRONTENDS = 48;
/** Pools that are drawn. */
const MOST_POOLS = 48;
/** Frontends that a card lists. */
const MOST_ALIKE = 10;
/** Servers that the card of a pool lists. */
const MOST_SERVERS = 12;
/** Networks, addresses, routes, or interfaces that a card lists. */
const MOST_ITEMS = 6;

/** The topology of a load balancer with the specs of its nodes. */
export function topologyOf(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): Topology {
  const { frontends } = loadBalancer;
  const drawn = groupsOf(frontends).slice(0, MOST_FRONTENDS);
  const shown = drawn.flatMap((group) => group.frontends);
  const pools = poolsOf({ frontends: shown }).slice(0, MOST_POOLS);
  const clients = clientCards(drawn);
  const more = [
    ...moreCard("frontends", frontends.length - shown.length, "frontend"),
    ...moreCard("pools", poolsOf(loadBalancer).length - pools.length, "pool"),
  ];
  const cards = [
    ...clients.map(({ card }) => card),
    ...drawn.map(({ card }) => card),
    ...pools.map((pool) => poolCard(pool)),
    ...more,
  ];
  const ways = [
    ...clients.flatMap(({ card, asked }) => asked.map((to): Way => ({ from: card.id, to, kind: "asks" }))),
    ...drawn.flatMap(waysOf),
    ...pools.flatMap((pool): Way[] =>
      pool.fallback === undefined ? [] : [{ from: poolId(pool), to: poolId(pool.fallback), kind: "fallback" }],
    ),
  ];
  const known = new Set(cards.map(({ id }) => id));
  return {
    title: loadBalancer.name,
    summary: summaryOf(loadBalancer),
    nodes: [...loadBalancer.nodes.map((node) => nodeCard(node, specs)), ...addressCards(loadBalancer)],
    cards,
    ways: ways.filter(({ to }) => known.has(to)),
  };
}

function summaryOf(loadBalancer: LoadBalancer): string {
  const { nodes, frontends } = loadBalancer;
  const pools = poolsOf(loadBalancer);
  const servers = pools.reduce((sum, pool) => sum + pool.servers.length, 0);
  return [
    numbered(nodes.length, "node"),
    numbered(frontends.length, "frontend"),
    numbered(pools.length, "pool"),
    numbered(servers, "server"),
    `${countText(connectionsOf(loadBalancer))} connections`,
  ].join(" · ");
}

function moreCard(id: string, count: number, thing: string): readonly Card[] {
  if (count <= 0) return [];
  const lines: readonly Line[] = [{ text: "listed in stack.html", style: "quiet" }];
  return [{ id: `more:${id}`, kind: "more", title: `and ${numbered(count, `more ${thing}`)}`, lines }];
}

/** Frontends that share a card, because they serve the same clients from the same pools. */
interface FrontendGroup {
  readonly first: Frontend;
  readonly frontends: readonly Frontend[];
  readonly card: Card;
}

/** Each frontend has a card of its own, unless there are many. */
function groupsOf(frontends: readonly Frontend[]): readonly FrontendGroup[] {
  const areMany = frontends.length > MOST_SINGLE;
  const alike = new Map<string, Frontend[]>();
  for (const frontend of frontends) {
    const key = areMany ? sameness(frontend) : frontend.name;
    const found = alike.get(key);
    if (found === undefined) alike.set(key, [frontend]);
    else found.push(frontend);
  }
  return [...alike.values()].flatMap((each): FrontendGroup[] => {
    const [first] = each;
    return first === undefined ? [] : [{ first, frontends: each, card: frontendCard(first, each, areMany) }];
  });
}

/** What is equal for frontends that may share a card: whom they serve, and from where. */
function sameness({ pool, routes = [], listeners, allowFrom, tcpPath }: Frontend): string {
  return JSON.stringify([
    [pool.name, tcpPath, [...allowFrom].sort()],
    routes.map((route) => ({ ...route, pool: route.pool.name })),
    listeners.map(({ kind }) => kind),
  ]);
}

interface ClientCard {
  readonly card: Card;
  /** The cards of the frontends that they ask. */
  readonly asked: readonly string[];
}

/** The clients of frontends; frontends that serve the same clients share a card of them. */
function clientCards(groups: readonly FrontendGroup[]): readonly ClientCard[] {
  const byClients = new Map<string, FrontendGroup[]>();
  for (const group of groups) {
    const key = [...group.first.allowFrom].sort().join();
    const found = byClients.get(key);
    if (found === undefined) byClients.set(key, [group]);
    else found.push(group);
  }
  return [...byClients.values()].map((asking, index) => {
    const networks = asking[0]?.first.allowFrom ?? [];
    const card: Card = { id: `clients:${index}`, kind: "clients", ...clientsText(networks) };
    return { card, asked: asking.map((group) => group.card.id) };
  });
}

function clientsText(networks: readonly string[]): Pick<Card, "title" | "lines"> {
  if (isEverybody(networks)) return { title: "Everybody", lines: [] };
  return { title: "Clients in", lines: firstOf(networks, MOST_ITEMS).map((text) => ({ text, style: "plain" })) };
}

/** A line for each protocol of frontends: its engines say who passes it on. */
function listenerLines({ tcpPath }: Frontend, listener: Listener, alike: readonly Frontend[]): readonly Line[] {
  const isAlone = alike.length === 1;
  const name = isAlone ? ` (${listener.name})` : "";
  const others = alike.flatMap(({ listeners }) => listeners.filter(({ kind }) => kind === listener.kind));
  const port = others.every((each) => each.port === listener.port) ? ` ${listener.port}` : "";
  const byTcp: Line =
    tcpPath === "direct" ? { text: "HAProxy", style: "haproxy" } : { text: "HAProxy, dnsdist", style: "dnsdist" };
  switch (listener.kind) {
    case "dns":
      return [
        { text: `UDP${port} by dnsdist`, style: "dnsdist" },
        { ...byTcp, text: `TCP${port} by ${byTcp.text}` },
      ];
    case "dot":
      return [{ ...byTcp, text: `TLS${port} by ${byTcp.text}${name}` }];
    case "pass-through":
      return [{ text: `TLS${port} passed on by HAProxy${name}`, style: "haproxy" }];
  }
}

/** The card of frontends that are alike. Among many, the card of its clients may be far away. */
function frontendCard(frontend: Frontend, alike: readonly Frontend[], areMany: boolean): Card {
  const { name, addresses, allowFrom, routes = [], listeners } = frontend;
  const isAlone = alike.length === 1;
  const places = isAlone ? wrapped(firstOf(addresses, MOST_ITEMS)) : firstOf(alike.map(placesText), MOST_ALIKE);
  return {
    id: `frontend:${name}`,
    kind: "frontend",
    title: isAlone ? name : numbered(alike.length, "frontend"),
    lines: [
      ...quiet(places),
      ...quiet(areMany ? [`for ${isEverybody(allowFrom) ? "everybody" : firstOf(allowFrom, 3).join(", ")}`] : []),
      ...listeners.flatMap((listener) => listenerLines(frontend, listener, alike)),
      ...firstOf(routes.map(routeLine), MOST_ITEMS).map((text): Line => ({ text, style: "dnsdist" })),
      ...quiet(policyLines(alike)),
    ],
  };
}

/** A frontend among others: its name, where it is, and its port. */
function placesText({ name, addresses, listeners: [first] }: Frontend): string {
  const places = firstOf(addresses, 2).map((address) =>
    familyOf(address) === undefined ? address : hostPort(address, first?.port ?? DNS_PORT),
  );
  return `${name} ${places.join(", ")}`;
}

function policyLines(alike: readonly Frontend[]): readonly string[] {
  const texts = alike.map(({ rateLimit, accessRules }) => [
    ...wrapped(limitTexts(rateLimit).map(({ text }) => text)).map((text, index) =>
      index === 0 ? `a client: ${text}` : text,
    ),
    ...(accessRules.length === 0 ? [] : [numbered(accessRules.length, "access rule")]),
  ]);
  const [first = []] = texts;
  return texts.every((each) => each.join() === first.join()) ? first : ["limits or rules differ"];
}

function routeLine(route: NonNullable<Frontend["routes"]>[number]): string {
  return shortened(`${routeText(route)} → ${route.pool.name}`);
}

function quiet(texts: readonly string[]): readonly Line[] {
  return texts.map((text) => ({ text, style: "quiet" }));
}

/** The ways from frontends to their pools: one for each engine, and one for each route. */
function waysOf({ first: frontend, card: { id: from, lines } }: FrontendGroup): readonly Way[] {
  const engines = (["dnsdist", "haproxy"] as const).flatMap((engine): Way[] => {
    const line = lines.findIndex(({ style }) => style === engine);
    return line < 0 ? [] : [{ from, line, to: poolId(frontend.pool), kind: engine }];
  });
  const routes = (frontend.routes ?? []).slice(0, MOST_ITEMS).flatMap((route): Way[] => {
    const line = lines.findIndex(({ text }) => text === routeLine(route));
    return line < 0 ? [] : [{ from, line, to: poolId(route.pool), kind: "dnsdist" }];
  });
  return [...engines, ...routes];
}

function poolCard(pool: Pool): Card {
  const { healthCheck, role, servers, cache, zones, zoneTransfer, clientAddress } = pool;
  const transferring = zoneServers(pool);
  return {
    id: poolId(pool),
    kind: "pool",
    title: pool.name,
    lines: [
      ...quiet([
        `${role === "resolver" ? "resolvers" : "authoritative"}, ${balanceText(pool)}`,
        ...wrapped(
          firstOf(
            zones.map((zone) => shortened(zone)),
            MOST_ITEMS,
          ),
        ).map((text, index) => (index === 0 ? `serves ${text}` : text)),
        probeText(healthCheck),
        judgementText(healthCheck),
        ...(clientAddress === "hidden" ? [] : ["sees clients by PROXY headers"]),
        ...(cache === undefined ? [] : [cacheText(cache)]),
        ...(zoneTransfer === undefined
          ? []
          : [`transfers from ${transferring[0] ?? ""} for ${firstOf(zoneTransfer.allowFrom, 2).join(", ")}`]),
        ...wrapped(whenDownText(pool).split(", ")),
      ]),
      ...firstOf(servers.map(serverText), MOST_SERVERS).map((text): Line => ({ text, style: "server" })),
    ],
  };
}

function nodeCard(node: NodeDescription, specs: readonly NodeSpec[]): Card {
  const { name, addresses, interfaces = [], outOfService } = node;
  const spec = specs.find((each) => each.node === name);
  const own: Line = { text: `${node.interface} ${addresses.join(", ")}`, style: "plain" };
  const others = interfaces
    .filter((each) => each.name !== node.interface)
    .map((each): Line => ({ text: `${each.name} ${each.addresses.join(", ")}`, style: "plain" }));
  return {
    id: `node:${name}`,
    kind: "node",
    title: name,
    lines: [
      own,
      ...others.slice(0, MOST_ITEMS),
      ...quiet(spec === undefined ? [] : [`${PLATFORMS[spec.profile.name]}: ${daemonsText(spec)}`]),
      ...quiet(sizeText(node)),
      ...quiet(outOfService === true ? ["out of service"] : []),
    ],
  };
}

const PLATFORMS: Readonly<Record<NodeSpec["profile"]["name"], string>> = {
  docker: "container",
  vm: "host",
  lab: "lab",
};

const DAEMON_NAMES: Readonly<Record<string, string>> = { haproxy: "HAProxy", bird: "BIRD" };

/** The daemons of a node, with their versions. */
export function daemonsText({ manifest, profile }: NodeSpec): string {
  const version = (name: string) => profile.versions[name as keyof DaemonVersions] as string | undefined;
  return manifest.services
    .map(({ name }) => [DAEMON_NAMES[name] ?? name, version(name)] as const)
    .filter(([, found]) => found !== undefined)
    .map(([name, found]) => `${name} ${found}`)
    .join(", ");
}

function sizeText({ memory, processors }: NodeDescription): readonly string[] {
  const texts = [
    ...(processors === undefined ? [] : [numbered(processors, "processor")]),
    ...(memory === undefined ? [] : [`${countText(Math.round(memory / 1_048_576))} MiB`]),
  ];
  return texts.length === 0 ? [] : [texts.join(", ")];
}

/** What the nodes share, and how it moves. */
function addressCards({ mobility, virtualAddresses, nodes, statistics }: LoadBalancer): readonly Card[] {
  const operators: readonly Card[] =
    statistics === undefined
      ? []
      : [
          {
            id: "statistics",
            kind: "addresses",
            title: "statistics",
            lines: [
              ...wrapped([...statistics.addresses, "each node"].map((each) => placeText(each, statistics.port))).map(
                (text): Line => ({ text, style: "plain" }),
              ),
              { text: `for ${firstOf(statistics.allowFrom ?? ["everybody"], 3).join(", ")}`, style: "quiet" },
            ],
          },
        ];
  if (mobility.kind === "bgp") return [announcedCard(mobility), ...operators];
  if (mobility.kind !== "vrrp") return operators;
  const { virtualRouterId, advertisementInterval, preferredNode } = mobility;
  const held = nodes.map(({ name }) => name).join(" or ");
  const card: Card = {
    id: "addresses",
    kind: "addresses",
    title: `held by ${held}`,
    lines: [
      ...firstOf(
        virtualAddresses.map((each) => `${each.address} on ${each.interface}`),
        8,
      ).map((text): Line => ({ text, style: "plain" })),
      { text: `VRRP ${virtualRouterId}, adverts every ${advertisementInterval}`, style: "quiet" },
      { text: preferredNode === undefined ? "no failback" : `${preferredNode} is preferred`, style: "quiet" },
    ],
  };
  return [card, ...operators];
}

/** The addresses of a group, and to whom its nodes announce them. */
function announcedCard({ addresses, asn, members, whenSick }: BgpMobility): Card {
  const routers = new Set(
    members.flatMap(({ neighbors }) => neighbors.map((each) => `${each.address} (AS ${each.asn})`)),
  );
  const plain = (text: string): Line => ({ text, style: "plain" });
  return {
    id: "addresses",
    kind: "addresses",
    title: `announced by all nodes, from AS ${asn}`,
    lines: [
      ...firstOf(addresses, 8).map(plain),
      ...wrapped(firstOf([...routers], 8)).map(
        (text, index): Line => ({ text: index === 0 ? `to ${text}` : text, style: "quiet" }),
      ),
      { text: `when a daemon fails: ${whenSick.daemon}; a pool: ${whenSick.pool}`, style: "quiet" },
    ],
  };
}

function placeText(place: string, port: number): string {
  return place === "each node" ? `each node:${port}` : hostPort(place, port);
}

function poolId({ name }: Pick<Pool, "name">): string {
  return `pool:${name}`;
}

/** The pools whose fallback a pool is, by its name. */
export function fallenBackOn(loadBalancer: LoadBalancer): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pool of poolsOf(loadBalancer)) {
    for (const fallback of withFallback(pool).slice(1)) {
      found.set(fallback.name, [...(found.get(fallback.name) ?? []), pool.name]);
    }
  }
  return found;
}
