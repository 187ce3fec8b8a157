import { HaPair, ResolverPool, type SshNode, StandaloneLoadBalancer } from "cdktf-dns-lb";
import type { Construct } from "constructs";
import { CLIENTS, VIRTUAL_ADDRESS } from "./site";

/** What the load balancers serve: what changes from day to day, and no machine with it. */
export interface Dns {
  /** The addresses of the resolvers behind. */
  readonly resolvers: readonly string[];
}

/** What is served today. */
export const DNS: Dns = { resolvers: ["10.0.0.10", "10.0.0.11"] };

/** A pair on two machines, where addresses can move from one to the other. */
export function addPair(scope: Construct, nodes: readonly [SshNode, SshNode], dns: Dns): void {
  const pair = new HaPair(scope, "Dns", {
    nodes,
    virtualRouterId: 53,
    virtualAddresses: [{ address: VIRTUAL_ADDRESS }],
  });
  pair.addDnsFrontend("Office", { pool: poolOf(scope, dns), allowFrom: CLIENTS });
}

/** One machine, where no address can move. */
export function addSingle(scope: Construct, node: SshNode, dns: Dns): void {
  const single = new StandaloneLoadBalancer(scope, "Dns", { node });
  single.addDnsFrontend("Office", { pool: poolOf(scope, dns), allowFrom: CLIENTS });
}

function poolOf(scope: Construct, { resolvers }: Dns): ResolverPool {
  const servers = resolvers.map((address, index) => ({ name: `resolver${index + 1}`, address }));
  return new ResolverPool(scope, "Resolvers", { servers });
}
