import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import { connectionsOf } from "../model/node-connections.js";
import type { NodeSpec } from "../model/node-spec.js";
import { type Card, quiet, type Way } from "./card.js";
import { clientCards } from "./client-cards.js";
import { groupsOf, waysOf } from "./frontend-cards.js";
import { addressCards, nodeCard } from "./node-cards.js";
import { poolCard, poolId } from "./pool-card.js";
import { countText, numbered } from "./words.js";

/*
 * What the picture of a load balancer shows, before anything has a place: cards with lines, and ways between them.
 */

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

/** Cards of frontends that are drawn; the page lists all. More would be neither readable nor cheap. */
const MOST_FRONTENDS = 48;
/** Pools that are drawn. */
const MOST_POOLS = 48;

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
  const cards = [...clients.map(({ card }) => card), ...drawn.map(({ card }) => card), ...pools.map(poolCard), ...more];
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
  const title = `and ${numbered(count, `more ${thing}`)}`;
  return [{ id: `more:${id}`, kind: "more", title, lines: quiet(["listed in stack.html"]) }];
}
