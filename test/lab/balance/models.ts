import type { Balance } from "../../../lib/model/balance.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { PoolMember } from "../../../lib/model/pool-member.js";
import { frontend, pair, resolverPool, servers } from "../models.js";

const NODES = [2, 3].map((host) => ({
  name: `lb${host - 1}`,
  addresses: [`10.0.0.${host}`, `fd00::${host}`],
  interface: "eth0",
}));
const CLIENTS = ["10.0.0.0/8", "fd00::/8"];

/** Four servers, of which the last has twice the weight. */
export const SERVERS: readonly PoolMember[] = servers("resolver", "192.168.1.10", 4).map((server, at) =>
  at === 3 ? { ...server, weight: 2 } : server,
);

/** Where a pool answers, by the path of TCP. */
export interface Places {
  readonly direct: readonly string[];
  readonly inspected: readonly string[];
}

export const HASHED: Places = { direct: ["10.0.0.53", "fd00::53"], inspected: ["10.0.0.54", "fd00::54"] };
export const ORDERED: Places = { direct: ["10.0.0.55"], inspected: ["10.0.0.56"] };

function frontends(name: string, places: Places, kind: Balance["kind"], members: readonly PoolMember[]) {
  const pool = resolverPool({ name, servers: members, balance: { kind } });
  return [
    frontend({ name: `${name}-direct`, addresses: places.direct, allowFrom: CLIENTS, pool }),
    frontend({
      name: `${name}-inspected`,
      addresses: places.inspected,
      allowFrom: CLIENTS,
      pool,
      tcpPath: "inspected",
    }),
  ];
}

/** A pair with a pool that keeps clients at servers, and one that uses the first server of three. */
export function balanced(hashed = SERVERS, ordered = servers("resolver", "192.168.1.10", 3)): LoadBalancer {
  const addresses = [HASHED, ORDERED].flatMap(({ direct, inspected }) => [...direct, ...inspected]);
  return pair({
    nodes: NODES,
    virtualAddresses: addresses.map((address) => ({ address, interface: "eth0" })),
    frontends: [
      ...frontends("hashed", HASHED, "source-hash", hashed),
      ...frontends("ordered", ORDERED, "first", ordered),
    ],
  });
}
