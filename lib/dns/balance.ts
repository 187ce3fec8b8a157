import type * as model from "../model/balance.js";
import { factoryMade } from "../terraform/brand.js";

/** How a pool picks the server for a query or a connection. */
export type Balance = model.Balance;

/** Says how a pool picks the server for a query (UDP) or a connection (TCP), among those that are up. */
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

  /**
   * Gives each client a server of its own, by its whole address: always the same while that server is up, on every node
   * and over every change, whatever the order of the servers. The share of the clients that a server has follows its
   * weight.
   *
   * When a server goes down, its clients alone move, to all that are left; they move back when it is up. A server that is
   * added or removed by a change moves the clients that it gets or had. Names and weights decide, so that another name
   * moves clients too, another address does not.
   *
   * UDP and inspected TCP agree on the server of a client. TCP with `tcpPath: "direct"` has another calculation, which
   * may give the client another server.
   */
  sourceHash(): Balance {
    return factoryMade("Balance", { kind: "source-hash" });
  },

  /**
   * Picks the first server of the list that is up, for all clients: the others are spares, of which each takes over when
   * all before it are down. It takes no weights. All queries must be within what one server can answer.
   */
  first(): Balance {
    return factoryMade("Balance", { kind: "first" });
  },
} as const;
