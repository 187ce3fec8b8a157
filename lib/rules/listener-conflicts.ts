import { hostPort } from "../core/ip.js";
import type { Listener } from "../model/listener.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { Part, Rule } from "./rule.js";

/** A listener, or the statistics page, on one of its addresses. */
interface Endpoint {
  readonly part: Part;
  readonly property: string;
  readonly title: string;
  readonly address: string;
  readonly port: number;
}

/** DNSLB002: two listeners on one address and port. */
export const listenerConflicts: Rule = (loadBalancer) => {
  const taken = new Map<string, Endpoint>();
  return endpointsOf(loadBalancer).flatMap((endpoint) => {
    const socket = hostPort(endpoint.address, endpoint.port);
    const first = taken.get(socket);
    if (first === undefined) {
      taken.set(socket, endpoint);
      return [];
    }
    return [
      {
        code: "DNSLB002",
        part: endpoint.part,
        property: endpoint.property,
        message: `listens on ${socket}, where ${first.title} listens already; give one of them another address or port`,
      },
    ];
  });
};

/** The noun for each kind of listener in messages, and the property to change on a conflict. */
const TERMS: {
  readonly [K in Listener["kind"]]: {
    readonly noun: string;
    readonly property: (addresses: readonly string[], at: number) => string;
  };
} = {
  dns: {
    noun: "frontend",
    property: (addresses, at) => (addresses.length > 1 ? `addresses[${at}]` : "address"),
  },
  "pass-through": { noun: "DoT listener", property: () => "port" },
  dot: { noun: "DoT listener", property: () => "port" },
};

function endpointsOf({ nodes, frontends, statistics }: LoadBalancer): readonly Endpoint[] {
  const listeners = frontends.flatMap(({ addresses, listeners }, frontend) =>
    listeners.flatMap(({ kind, name, port }, index) =>
      addresses.map((address, at) => ({
        part: { kind: "listener", frontend, index } as const,
        property: TERMS[kind].property(addresses, at),
        title: `${TERMS[kind].noun} "${name}"`,
        address,
        port,
      })),
    ),
  );
  const pages =
    statistics === undefined ? [] : [...statistics.addresses, ...nodes.flatMap(({ addresses }) => addresses)];
  return [
    ...listeners,
    ...[...new Set(pages)].map((address) => ({
      part: { kind: "load-balancer" } as const,
      property: "statistics.port",
      title: "the statistics page",
      address,
      port: statistics?.port ?? 0,
    })),
  ];
}
