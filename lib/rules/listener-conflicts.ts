import { hostPort } from "../core/ip.js";
import { DNS_PORT } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Part, Rule } from "./rule.js";

interface Listener {
  readonly part: Part;
  readonly property: string;
  readonly title: string;
  readonly address: string;
  readonly port: number;
}

/** DNSLB002: two listeners on one address and port. */
export const listenerConflicts: Rule = (loadBalancer) => {
  const taken = new Map<string, Listener>();
  return listenersOf(loadBalancer).flatMap((listener) => {
    const place = hostPort(listener.address, listener.port);
    const first = taken.get(place);
    if (first === undefined) {
      taken.set(place, listener);
      return [];
    }
    return [
      {
        code: "DNSLB002",
        part: listener.part,
        property: listener.property,
        message: `takes ${place}, where ${first.title} listens already; give each its own`,
      },
    ];
  });
};

function listenersOf({ nodes, frontends, statistics }: LoadBalancer): readonly Listener[] {
  const dns = frontends.flatMap(({ name, addresses }, index) =>
    addresses.map((address, at) => ({
      part: { kind: "frontend", index } as const,
      property: addresses.length > 1 ? `addresses[${at}]` : "address",
      title: `frontend "${name}"`,
      address,
      port: DNS_PORT,
    })),
  );
  const dot = frontends.flatMap(({ addresses, dotListeners }, index) =>
    dotListeners.flatMap(({ name, port }) =>
      addresses.map((address) => ({
        part: { kind: "dot-listener", index, name } as const,
        property: "port",
        title: `DoT listener "${name}"`,
        address,
        port,
      })),
    ),
  );
  const pages =
    statistics === undefined ? [] : [...statistics.addresses, ...nodes.flatMap(({ addresses }) => addresses)];
  return [
    ...dns,
    ...dot,
    ...[...new Set(pages)].map((address) => ({
      part: { kind: "load-balancer" } as const,
      property: "statistics.port",
      title: "the statistics page",
      address,
      port: statistics?.port ?? 0,
    })),
  ];
}
