import type * as model from "../model/balance.js";
import { factoryMade } from "../terraform/brand.js";

/** How a pool picks the server for a query or a connection. */
export type Balance = model.Balance;

/** Different balances for UDP and for TCP, as a pool's `balance`. */
export interface BalanceByTransport {
  /** How a query over UDP finds its server. */
  readonly udp: Balance;
  /** How a connection over TCP or TLS finds its server, or a query on it where TCP is inspected. */
  readonly tcp: Balance;
}

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
   * Sends each client to one server, by the client's whole address: always to the same while that is up, on every node and
   * after every change, whatever the order of the servers. The share of the clients that a server gets follows its weight.
   *
   * When a server goes down, its clients alone move, to all that are left, and back when it is up. A server that a change
   * adds or removes moves the clients that it gets or had, and no other. Names and weights decide: another name of a server
   * moves clients, too, another address does not.
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
