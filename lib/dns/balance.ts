import type * as model from "../model/balance.js";
import { factoryMade } from "../terraform/brand.js";

/** How a pool picks the server for a query or a connection. */
export type Balance = model.Balance;

/** Says how a pool picks the server for a query (UDP) or a connection (TCP). */
export const Balance = {
  /** Picks the server with the fewest open queries or connections. */
  leastConnections(): Balance {
    return factoryMade("Balance", { kind: "least-connections" });
  },

  /** Picks one server after the other, by weight. */
  roundRobin(): Balance {
    return factoryMade("Balance", { kind: "round-robin" });
  },

  /** Picks any server, by weight. */
  random(): Balance {
    return factoryMade("Balance", { kind: "random" });
  },
} as const;
