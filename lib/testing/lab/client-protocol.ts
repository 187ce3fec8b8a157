/*
 * What a lab's runner and the process inside a client's namespace say to each other: one JSON text per line, commands
 * one way, replies the other, told apart by number. Times are milliseconds.
 */

/** How a message travels: `dot` is DNS over TLS. */
export type ClientTransport = "udp" | "tcp" | "dot";

/** Where messages go and how. */
export interface Target {
  readonly server: string;
  readonly port: number;
  readonly transport: ClientTransport;
  readonly timeout: number;
  readonly tls?: TargetTls;
}

/** What the TLS client of DNS over TLS sends and believes; PEM texts. */
export interface TargetTls {
  readonly ca: string;
  readonly name?: string;
  readonly certificate?: string;
}

/** One DNS message to be sent. */
export interface Message {
  readonly name: string;
  readonly type: string;
  readonly class: "IN" | "CH";
  readonly recursion: boolean;
  readonly opcode: number;
  /** EDNS UDP size; 0 sends no EDNS. */
  readonly bufferSize: number;
}

/** A stream of messages on a schedule that waits for nothing. */
export interface LoadPlan {
  readonly target: Target;
  /** Asked for in turn; `{n}` becomes the number of the query. */
  readonly names: readonly string[];
  readonly type: string;
  readonly recursion: boolean;
  /** Queries per second. */
  readonly rate: number;
  /** Queries in all; absent for a load that runs until it is stopped. */
  readonly count?: number;
  readonly connections: "new" | "persistent";
  /** How many sockets or connections share a persistent load. */
  readonly concurrency: number;
  /** Whether queries that a persistent connection left open at its end are asked once more on another. */
  readonly retry: boolean;
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

/** A result, or why there is none; a load's `op: "load"` is replied to when the load is over. */
export type ClientReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** What came of an exchange without an answer. */
export type Failure = "TIMEOUT" | "CONNECTION-REFUSED" | "CONNECTION-CLOSED" | "TLS-FAILED" | "UNREACHABLE";

/** What came back for a message. */
export interface Answer {
  /** The name of the response code, or what happened instead of an answer. */
  readonly status: string | Failure;
  /** The data of the answer section, one text per record, as `dig +short` would show it. */
  readonly answers: readonly string[];
  /** Of the header: `aa`, `tc`, `rd`, `ra`, `ad`, `cd`. */
  readonly flags: readonly string[];
  readonly truncated: boolean;
  /** From sending to the end of the exchange. */
  readonly time: number;
  /** Which of the messages of the exchange this answers. */
  readonly question: number;
  readonly alpn?: string;
  readonly tlsVersion?: string;
  /** The words of the system for a failure. */
  readonly error?: string;
}

/** What became of a load. Every query sent is either answered or lost; late, refused and closed ones are lost. */
export interface LoadReport {
  readonly sent: number;
  /** Answered in time, with whatever response code. */
  readonly answered: number;
  readonly lost: number;
  /** Lost: answered after the timeout. Over UDP alone; a connection is left when the timeout has passed. */
  readonly late: number;
  /** Lost: nothing listened there. */
  readonly refused: number;
  /** Lost: their connection ended, or came to nothing, before they were overdue. */
  readonly closed: number;
  /** Persistent connections that the other side ended. */
  readonly broken: number;
  /** Queries that were asked once more because of that, with `retry`. */
  readonly repeated: number;
  readonly byRcode: Readonly<Record<string, number>>;
  /** How often each answer came: the texts of its records joined by a blank. */
  readonly byAnswer: Readonly<Record<string, number>>;
  /** The longest time without service: from the first of some lost queries to the next that was answered. */
  readonly longestGap: number;
  /** Milliseconds that the slowest answer in time took. */
  readonly slowest: number;
  /** When lost queries were sent, from the start of the load. */
  readonly lostAt: readonly number[];
  /** When the load started, since the epoch. */
  readonly startedAt: number;
  /** From the start of the load to the sending of the last query whose fate is known. */
  readonly knownUntil: number;
  /** How far behind its schedule the load sent at worst: a large figure spoils the measurement. */
  readonly worstDelay: number;
}
