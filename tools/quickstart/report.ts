import type { FlowAccount } from "./traffic.js";

/** The files that cdktf wrote. */
export interface Synthesis {
  readonly stacks: readonly string[];
  readonly resources: number;
  /** Rendered files for the nodes. */
  readonly files: number;
  /** Those that differ from what the model that is run compiles to, as `node: path`. */
  readonly differing: readonly string[];
}

/** The lab is up. */
export interface Start {
  readonly milliseconds: number;
}

/** What runs, and where. */
export interface Topology {
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly string[]; readonly leads: boolean }[];
  readonly virtualAddresses: readonly {
    readonly address: string;
    readonly interface: string;
    readonly holders: readonly string[];
  }[];
  readonly frontends: readonly {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly transports: readonly string[];
    readonly pool: string;
    readonly tcpPath: string;
  }[];
  readonly pools: readonly {
    readonly name: string;
    readonly fallback?: string;
    readonly servers: readonly string[];
  }[];
}

/** One query and its answer. */
export interface QueryResult {
  readonly frontend: string;
  readonly family: string;
  readonly address: string;
  readonly transport: string;
  readonly status: string;
  readonly answers: readonly string[];
  readonly milliseconds: number;
  readonly alpn?: string;
  readonly tlsVersion?: string;
  /** Whether all of that is as it must be. */
  readonly right: boolean;
}

/** What both daemons of a node say of a server; absent where they do not ask it. */
export interface ServerHealth {
  readonly pool: string;
  readonly server: string;
  readonly haproxy?: string;
  readonly dnsdistUdp?: string;
  readonly dnsdistTcp?: string;
  readonly up: boolean;
}

/** The health of all servers, as one node sees it. */
export interface Health {
  readonly node: string;
  readonly servers: readonly ServerHealth[];
}

/** A resolver was killed under load. Times are milliseconds from the kill. */
export interface ResolverKilled {
  readonly server: string;
  readonly computedDetection: number;
  /** When the daemons said that it is down; absent where they never did. */
  readonly seenDetection: { readonly haproxy?: number; readonly dnsdist?: number };
  readonly flows: readonly (FlowAccount & { readonly lostBefore: number; readonly lostAfter: number })[];
}

/** Changed lists of servers were applied under load. */
export interface ListsChanged {
  readonly changes: readonly { readonly frontend: string; readonly added: string; readonly removed: string }[];
  readonly deadServer: string;
  readonly applyMilliseconds: number;
  readonly flows: readonly FlowAccount[];
  /** Who answers new clients after the change, and who should. */
  readonly afterwards: readonly {
    readonly frontend: string;
    readonly transport: string;
    readonly servers: readonly string[];
    readonly expected: readonly string[];
  }[];
}

/** The master was killed under load. Times are milliseconds. */
export interface MasterKilled {
  readonly node: string;
  readonly successor: string;
  readonly flows: readonly (FlowAccount & { readonly longestGap: number })[];
  /** Virtual addresses that are not on the successor alone. */
  readonly unmoved: readonly string[];
}

/** Everything was taken down. */
export interface TakenDown {
  readonly processesBefore: number;
  readonly namespacesBefore: number;
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly directories: readonly string[];
}

/** What the steps found; a step that was not reached has nothing. */
export interface Results {
  readonly synthesis?: Synthesis;
  readonly start?: Start;
  readonly topology?: Topology;
  readonly queries?: readonly QueryResult[];
  readonly health?: Health;
  readonly resolverKilled?: ResolverKilled;
  readonly listsChanged?: ListsChanged;
  readonly masterKilled?: MasterKilled;
  readonly takenDown?: TakenDown;
}
