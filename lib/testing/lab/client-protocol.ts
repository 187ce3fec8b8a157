/*
 * The protocol between a lab's runner and the process inside a client's namespace: one JSON text per line, numbered
 * commands to the process, replies from it. Times are milliseconds.
 */

/** The transport of a message: `dot` is DNS over TLS. */
export type ClientTransport = "udp" | "tcp" | "dot";

/** The destination of messages, and how to send them. */
export interface Target {
  readonly server: string;
  readonly port: number;
  readonly transport: ClientTransport;
  readonly timeout: number;
  readonly tls?: TargetTls;
}

/** The TLS settings of a client: trusted authorities, the server's name, the client's certificate. PEM texts. */
export interface TargetTls {
  readonly ca: string;
  readonly name?: string;
  readonly certificate?: string;
}

/** A DNS message to send. */
export interface Message {
  readonly name: string;
  readonly type: string;
  readonly class: "IN" | "CH";
  readonly recursion: boolean;
  readonly opcode: number;
  /** EDNS UDP size; 0 sends no EDNS. */
  readonly bufferSize: number;
}

/** A stream of queries on a fixed schedule, independent of answers. */
export interface LoadPlan {
  readonly target: Target;
  /** The names to query in rotation; `{n}` becomes the number of the query. */
  readonly names: readonly string[];
  readonly type: string;
  readonly recursion: boolean;
  /** Queries per second. */
  readonly rate: number;
  /** Queries in all; absent for a load that runs until it is stopped. */
  readonly count?: number;
  readonly connections: "new" | "persistent";
  /** The number of sockets or connections of a persistent load. */
  readonly concurrency: number;
  /** Whether queries that are unanswered when a persistent connection, or any, is closed are sent again on another one. */
  readonly retry: boolean | "all";
}

/** A command to the process of a client. */
export type ClientCommand =
  | { readonly op: "exchange"; readonly target: Target; readonly messages: readonly Message[] }
  | { readonly op: "warm"; readonly server: string }
  | { readonly op: "load"; readonly load: number; readonly plan: LoadPlan }
  | { readonly op: "report"; readonly load: number }
  | { readonly op: "stop"; readonly load: number };

/** A numbered command. */
export type ClientRequest = ClientCommand & { readonly id: number };

/** A result or an error; the reply to `op: "load"` comes when the load is over. */
export type ClientReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** Why there is no answer. */
export type Failure = "TIMEOUT" | "CONNECTION-REFUSED" | "CONNECTION-CLOSED" | "TLS-FAILED" | "UNREACHABLE";

/** The answer to a message. */
export interface Answer {
  /** The name of the response code, or why there is no answer. */
  readonly status: string | Failure;
  /** The data of the answer section, one text per record, as `dig +short` would show it. */
  readonly answers: readonly string[];
  /** The flags of the header: `aa`, `tc`, `rd`, `ra`, `ad`, `cd`. */
  readonly flags: readonly string[];
  readonly truncated: boolean;
  /** The time from sending to this answer, or to the failure. */
  readonly time: number;
  /** The index of the message that this answers. */
  readonly question: number;
  readonly alpn?: string;
  readonly tlsVersion?: string;
  /** The system's message for a failure. */
  readonly error?: string;
}

/** The result of a load. Every query is either answered or lost; late, refused and closed ones are lost. */
export interface LoadReport {
  readonly sent: number;
  /** Queries answered in time, with any response code. */
  readonly answered: number;
  readonly lost: number;
  /** Lost queries that were answered after the timeout. UDP only; a connection is closed at the timeout. */
  readonly late: number;
  /** Lost queries to a closed port. */
  readonly refused: number;
  /** Lost queries whose connection was closed or not established before the timeout. */
  readonly closed: number;
  /** Persistent connections that the other side closed. */
  readonly broken: number;
  /** Queries that were sent again because of that, with `retry`. */
  readonly repeated: number;
  readonly byRcode: Readonly<Record<string, number>>;
  /** The number of each answer: the texts of its records joined by a space. */
  readonly byAnswer: Readonly<Record<string, number>>;
  /** The longest time without service: from the first of some lost queries to the next that was answered. */
  readonly longestGap: number;
  /** The time of the slowest answer within the timeout, in milliseconds. */
  readonly slowest: number;
  /** The send times of lost queries, from the start of the load. */
  readonly lostAt: readonly number[];
  /** The start of the load, since the epoch. */
  readonly startedAt: number;
  /** The send time of the last query that was answered or lost, from the start of the load. */
  readonly knownUntil: number;
  /** The longest delay of a query behind the schedule; a large value invalidates the measurement. */
  readonly worstDelay: number;
}
