/* Who has which address where a group is deployed to an engine. */

export const ASN = { nodes: 64_512, router: 64_500 } as const;
/** What the group announces. */
export const ADDRESS = { ipv4: "203.0.113.53", ipv6: "2001:db8:113::53" } as const;
/** The host's interface on the network of the nodes. */
export const PARENT = "nodes0";
/** That network, and its router, which is the server behind them, too. */
export const NETWORK = { ipv4: "10.99.0.0/24", ipv6: "fd99::/64" } as const;
export const ROUTER = { ipv4: "10.99.0.1", ipv6: "fd99::1" } as const;
export const NODES = {
  any1: { ipv4: "10.99.0.11", ipv6: "fd99::11" },
  any2: { ipv4: "10.99.0.12", ipv6: "fd99::12" },
} as const;
/** Behind the router. */
export const CLIENT = { ipv4: "100.64.0.10", ipv6: "2001:db8:1000::10" } as const;
/** The router, as the client has it. */
export const GATEWAY = { ipv4: "100.64.0.1", ipv6: "2001:db8:1000::1" } as const;
