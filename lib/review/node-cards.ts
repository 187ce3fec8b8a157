import { hostPort } from "../core/ip.js";
import type { BgpMobility, VrrpMobility } from "../model/address-mobility.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { DaemonVersions } from "../model/platform-profile.js";
import type { Statistics } from "../model/statistics.js";
import { type Card, MOST_ITEMS, plain, quiet } from "./card.js";
import { firstOf, wrapped } from "./text-width.js";
import { countText, numbered } from "./words.js";

/*
 * The cards of what runs the rest: nodes, and the addresses that they share.
 */

/** The card of a node. */
export function nodeCard(node: NodeDescription, specs: readonly NodeSpec[]): Card {
  const { name, addresses, interfaces = [], outOfService } = node;
  const spec = specs.find((each) => each.node === name);
  const others = interfaces.filter((each) => each.name !== node.interface);
  return {
    id: `node:${name}`,
    kind: "node",
    title: name,
    lines: [
      ...plain([
        `${node.interface} ${addresses.join(", ")}`,
        ...firstOf(
          others.map((each) => `${each.name} ${each.addresses.join(", ")}`),
          MOST_ITEMS,
        ),
      ]),
      ...quiet([
        ...(spec === undefined ? [] : [`${PLATFORMS[spec.profile.name]}: ${daemonsText(spec)}`]),
        ...sizeText(node),
        ...(outOfService === true ? ["out of service"] : []),
      ]),
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

/** Addresses, or routers, that the card of shared addresses lists. */
const MOST_ADDRESSES = 8;

/** What the nodes share, and how it moves; and what operators ask. */
export function addressCards({ mobility, virtualAddresses, nodes, statistics }: LoadBalancer): readonly Card[] {
  return [
    ...(mobility.kind === "vrrp" ? [heldCard(mobility, virtualAddresses, nodes)] : []),
    ...(mobility.kind === "bgp" ? [announcedCard(mobility)] : []),
    ...(statistics === undefined ? [] : [statisticsCard(statistics)]),
  ];
}

/** The virtual addresses of a pair. */
function heldCard(
  { virtualRouterId, advertisementInterval, preferredNode }: VrrpMobility,
  virtualAddresses: LoadBalancer["virtualAddresses"],
  nodes: readonly NodeDescription[],
): Card {
  const addresses = virtualAddresses.map((each) => `${each.address} on ${each.interface}`);
  return {
    id: "addresses",
    kind: "addresses",
    title: `held by ${nodes.map(({ name }) => name).join(" or ")}`,
    lines: [
      ...plain(firstOf(addresses, MOST_ADDRESSES)),
      ...quiet([
        `VRRP ${virtualRouterId}, adverts every ${advertisementInterval}`,
        preferredNode === undefined ? "no failback" : `${preferredNode} is preferred`,
      ]),
    ],
  };
}

/** The addresses of a group, and to whom its nodes announce them. */
function announcedCard({ addresses, asn, members, whenSick }: BgpMobility): Card {
  const neighbors = members.flatMap((member) => member.neighbors);
  const routers = [...new Set(neighbors.map((each) => `${each.address} (AS ${each.asn})`))];
  return {
    id: "addresses",
    kind: "addresses",
    title: `announced by all nodes, from AS ${asn}`,
    lines: [
      ...plain(firstOf(addresses, MOST_ADDRESSES)),
      ...quiet([
        ...wrapped(firstOf(routers, MOST_ADDRESSES)).map((text, index) => (index === 0 ? `to ${text}` : text)),
        `when a daemon fails: ${whenSick.daemon}; a pool: ${whenSick.pool}`,
      ]),
    ],
  };
}

/** Clients of statistics that their card names. */
const MOST_OPERATORS = 3;

function statisticsCard({ addresses, port, allowFrom = ["everybody"] }: Statistics): Card {
  const places = [...addresses.map((address) => hostPort(address, port)), `each node:${port}`];
  return {
    id: "statistics",
    kind: "addresses",
    title: "statistics",
    lines: [...plain(wrapped(places)), ...quiet([`for ${firstOf(allowFrom, MOST_OPERATORS).join(", ")}`])],
  };
}
