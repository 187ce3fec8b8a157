import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Duration, toMilliseconds } from "../../core/duration.js";
import type { IssuedCertificate } from "./certificates.js";
import type {
  Answer,
  ClientCommand,
  ClientReply,
  ClientTransport,
  LoadReport,
  Message,
  Target,
  TargetTls,
} from "./client-protocol.js";
import { environment } from "./environment.js";
import { LabError } from "./errors.js";
import type { Host } from "./host.js";
import { Load } from "./load.js";

/** Options for every exchange of a client with a server. */
export interface ExchangeOptions {
  readonly server: string;
  /** @default "udp" */
  readonly transport?: ClientTransport;
  /** @default - 853 for DNS over TLS, else 53 */
  readonly port?: number;
  /** @default "1s" */
  readonly timeout?: Duration;
  /**
   * Sets the RD bit (recursion desired).
   *
   * @default true
   */
  readonly recursion?: boolean;
  /**
   * PEM text of the certificate authorities that the client trusts.
   *
   * @default - the lab's own authority
   */
  readonly ca?: string;
  /**
   * The name for which the server's certificate must be valid.
   *
   * @default - any name
   */
  readonly tlsName?: string;
  /** @default - no client certificate */
  readonly clientCertificate?: IssuedCertificate;
}

/** Options for `LabClient.query()`. */
export interface QueryOptions extends ExchangeOptions {
  /** @default "IN" */
  readonly class?: "IN" | "CH";
  /**
   * 0 for a query, 4 for NOTIFY, 5 for UPDATE.
   *
   * @default 0
   */
  readonly opcode?: number;
  /**
   * The EDNS UDP payload size; 0 sends no EDNS.
   *
   * @default 1232
   */
  readonly bufferSize?: number;
}

/** One of the messages of `LabClient.messages()`. */
export interface Question {
  readonly name: string;
  readonly type: string;
}

/** Options for `LabClient.load()`. */
export interface LoadOptions extends ExchangeOptions {
  /** One name, or several to query in rotation; `{n}` in a name becomes the number of the query. */
  readonly name: string | readonly string[];
  /** @default "A" */
  readonly type?: string;
  /** Queries per second. */
  readonly rate: number;
  /** @default - until the load is stopped, or `count` is reached */
  readonly seconds?: number;
  /** @default - given by the rate and the time */
  readonly count?: number;
  /**
   * A connection for every query, or a few that all queries share.
   *
   * @default "new"
   */
  readonly connections?: "new" | "persistent";
  /**
   * The number of persistent connections or UDP sockets.
   *
   * @default 4
   */
  readonly concurrency?: number;
  /**
   * Sends queries that are unanswered when the other side closes a persistent connection again on another one, as RFC
   * 7766, section 6.2.4, requires of clients; with `"all"` those on new connections, too, up to three times. The timeout
   * counts from the first sending.
   *
   * @default false, so that such a query is lost
   */
  readonly retry?: boolean | "all";
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A DNS client with an address of its own in the lab. */
export class LabClient {
  #process: Promise<ChildProcess> | undefined;
  readonly #pending = new Map<number, Pending>();
  readonly #warmed = new Set<string>();
  #requests = 0;
  #loads = 0;

  constructor(
    readonly address: string,
    private readonly host: () => Promise<Pick<Host, "inside">>,
    private readonly authority: string,
  ) {}

  /** Sends a query and returns the answer; `status` is the response code or the failure. */
  async query(name: string, type: string, options: QueryOptions): Promise<Answer> {
    const [answer] = await this.#exchange([message(name, type, options)], options);
    if (answer === undefined) throw new LabError("a query came back without any result");
    return answer;
  }

  /**
   * Sends several messages at once over one connection (or UDP socket) and returns all answers in the order of arrival;
   * `question` is the index of the message. A zone transfer may have several answers.
   */
  messages(questions: readonly Question[], options: QueryOptions): Promise<readonly Answer[]> {
    return this.#exchange(
      questions.map(({ name, type }) => message(name, type, options)),
      options,
    );
  }

  /** Starts to send queries on a fixed schedule, independent of answers. */
  async load(options: LoadOptions): Promise<Load> {
    const { count, seconds, rate } = options;
    const target = this.#target(options);
    await this.#warm(options.server);
    this.#loads += 1;
    const load = this.#loads;
    const limit = Math.min(
      count ?? Number.POSITIVE_INFINITY,
      seconds === undefined ? Number.POSITIVE_INFINITY : Math.round(rate * seconds),
    );
    const done = this.#ask<LoadReport>({
      op: "load",
      load,
      plan: {
        target,
        names: typeof options.name === "string" ? [options.name] : options.name,
        type: options.type ?? "A",
        recursion: options.recursion ?? true,
        rate,
        ...(Number.isFinite(limit) ? { count: limit } : {}),
        connections: options.connections ?? "new",
        concurrency: options.concurrency ?? 4,
        retry: options.retry ?? false,
      },
    });
    return new Load(done, (op) => this.#ask({ op, load }));
  }

  /** Ends the client's process; the address stays. */
  close(): void {
    this.#process?.then(
      (child) => child.stdin?.end(),
      () => {},
    );
    this.#process = undefined;
  }

  async #exchange(messages: readonly Message[], options: ExchangeOptions): Promise<Answer[]> {
    await this.#warm(options.server);
    return this.#ask<Answer[]>({ op: "exchange", target: this.#target(options), messages });
  }

  /** Resolves the neighbour once, so that packets lost meanwhile do not count in measurements. */
  async #warm(server: string): Promise<void> {
    if (this.#warmed.has(server)) return;
    this.#warmed.add(server);
    await this.#ask({ op: "warm", server });
  }

  #target(options: ExchangeOptions): Target {
    const transport = options.transport ?? "udp";
    const { clientCertificate, tlsName } = options;
    const tls: TargetTls = {
      ca: options.ca ?? this.authority,
      ...(tlsName === undefined ? {} : { name: tlsName }),
      ...(clientCertificate === undefined ? {} : { certificate: clientCertificate.pem }),
    };
    return {
      server: options.server,
      port: options.port ?? (transport === "dot" ? 853 : 53),
      transport,
      timeout: toMilliseconds(options.timeout ?? "1s"),
      ...(transport === "dot" ? { tls } : {}),
    };
  }

  async #ask<T>(request: ClientCommand): Promise<T> {
    this.#process ??= this.#start();
    const child = await this.#process;
    this.#requests += 1;
    const id = this.#requests;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      handle(child).ref();
      child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  async #start(): Promise<ChildProcess> {
    const host = await this.host();
    const [program = "", ...argv] = host.inside([process.execPath, ...clientProgram()]);
    const child = spawn(program, argv, { stdio: ["pipe", "pipe", "inherit"], detached: true, env: environment() });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) =>
      this.#receive(child, JSON.parse(line) as ClientReply),
    );
    child.once("close", () => {
      this.#process = undefined;
      for (const { reject } of this.#pending.values()) reject(new LabError(`the client ${this.address} ended`));
      this.#pending.clear();
    });
    return child;
  }

  #receive(child: ChildProcess, reply: ClientReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) handle(child).unref();
    if ("error" in reply) pending?.reject(new LabError(`the client ${this.address} failed: ${reply.error}`));
    else pending?.resolve(reply.result);
  }
}

/** The handle that keeps this process alive only while a reply is pending. */
function handle(child: ChildProcess): { ref(): unknown; unref(): unknown } {
  return child.stdout instanceof Socket ? child.stdout : child;
}

/** The arguments for Node.js: the built JavaScript, or from source a loader and the TypeScript. */
function clientProgram(): string[] {
  const built = join(__dirname, "client-process.js");
  if (existsSync(built)) return [built];
  // By absolute path, because the working directory differs in the client's mount namespace.
  return ["--require", createRequire(__filename).resolve("tsx/cjs"), join(__dirname, "client-process.ts")];
}

function message(name: string, type: string, options: QueryOptions): Message {
  return {
    name,
    type,
    class: options.class ?? "IN",
    recursion: options.recursion ?? true,
    opcode: options.opcode ?? 0,
    bufferSize: options.bufferSize ?? 1232,
  };
}
