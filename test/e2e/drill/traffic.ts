import type { LoadOptions } from "../../../lib/testing/lab/client.js";
import type { LoadReport } from "../../../lib/testing/lab/client-protocol.js";
import type { Load } from "../../../lib/testing/lab/load.js";
import { type Site, TLS_NAME } from "./site.js";

/** How a flow travels: with a connection for each query, or with a few that stay. */
export type Way = "udp" | "tcp" | "persistent-tcp" | "dot" | "persistent-dot";

/** Queries that go to one virtual address one way. */
export interface Flow {
  readonly name: string;
  readonly way: Way;
  /** What the answers must begin with: the names of the servers of the frontend's pool. */
  readonly answers: string;
  readonly load: Load;
}

/** A flow that is over. */
export interface FlowReport {
  readonly name: string;
  readonly way: Way;
  readonly sent: number;
  readonly lost: number;
  /** Answers that are no server's of the pool. */
  readonly wrong: number;
  /** Persistent connections that the load balancer ended. */
  readonly broken: number;
  /** Queries that clients asked again because of that. */
  readonly repeated: number;
  /** Of the lost ones: answered after the timeout (UDP alone), with a connection that was refused, that ended before. */
  readonly late: number;
  readonly refused: number;
  readonly closed: number;
  /** When lost queries were sent, since the epoch. */
  readonly lostAt: readonly number[];
  /** Milliseconds: the longest time without service. */
  readonly longestGap: number;
  /** Milliseconds that the slowest answer in time took. */
  readonly slowest: number;
  /** Milliseconds: how far the client itself was behind its schedule at worst. */
  readonly worstDelay: number;
}

/** Queries per second, by way. */
export type Rates = Readonly<Record<Way, number>>;

const WAYS = ["udp", "tcp", "persistent-tcp", "dot", "persistent-dot"] as const satisfies readonly Way[];

/* One client process for each side and kind, so that none is behind its schedule for another's sake. */
const CLIENTS = { internal: { udp: 101, streams: 102 }, public: { udp: 103, streams: 104 } } as const;

/** A client whose network no frontend serves. */
export const BANNED = 200;

/**
 * Asks all frontends, IPv4 and IPv6, all ways, for the name of the server that answers. Clients that `retry` ask again
 * what is open when a connection that was to stay is ended, within the same second; others count it as lost.
 */
export async function startTraffic(site: Site, rates: Rates, { retry = false } = {}): Promise<readonly Flow[]> {
  const { internal, public: open } = site.settings;
  const targets = [
    { side: "internal", addresses: internal.slice(0, 2), name: "whoami.home.arpa", answers: "resolver" },
    { side: "public", addresses: open.slice(0, 2), name: "whoami.example.com", answers: "authoritative" },
  ] as const;
  const planned = targets.flatMap(({ side, addresses, name, answers }) =>
    addresses.flatMap((server) => WAYS.map((way) => ({ side, server, name, answers, way }))),
  );
  return Promise.all(
    planned.map(async ({ side, server, name, answers, way }) => {
      const family = server.includes(":") ? "IPv6" : "IPv4";
      const client = site.client(CLIENTS[side][way === "udp" ? "udp" : "streams"]);
      const question = { server, name, type: "TXT", rate: rates[way], timeout: "1s", retry } as const;
      const load = await client.load({ ...optionsOf(way), ...question });
      return { name: `${side} ${family}`, way, answers, load };
    }),
  );
}

/** Sends nothing more, and waits for the last answers. */
export async function endTraffic(flows: readonly Flow[]): Promise<readonly FlowReport[]> {
  return Promise.all(
    flows.map(async ({ name, way, answers, load }) => accountOf(name, way, answers, await load.stop())),
  );
}

/** Sums reports up, whatever their target. */
export function sumByWay(reports: readonly FlowReport[]): readonly FlowReport[] {
  return WAYS.map((way) => {
    const own = reports.filter((report) => report.way === way);
    const sum = (value: (report: FlowReport) => number) => own.reduce((total, report) => total + value(report), 0);
    const worst = (value: (report: FlowReport) => number) => Math.max(0, ...own.map(value));
    return {
      ...{ name: "all", way, sent: sum(({ sent }) => sent), lost: sum(({ lost }) => lost) },
      ...{ wrong: sum(({ wrong }) => wrong), broken: sum(({ broken }) => broken) },
      repeated: sum(({ repeated }) => repeated),
      ...{ late: sum(({ late }) => late), refused: sum(({ refused }) => refused) },
      closed: sum(({ closed }) => closed),
      lostAt: own.flatMap(({ lostAt }) => lostAt).sort((a, b) => a - b),
      ...{ longestGap: worst(({ longestGap }) => longestGap), slowest: worst(({ slowest }) => slowest) },
      ...{ worstDelay: worst(({ worstDelay }) => worstDelay) },
    };
  });
}

function accountOf(name: string, way: Way, answers: string, report: LoadReport): FlowReport {
  const { sent, lost, late, refused, closed, answered, broken, repeated, byAnswer } = report;
  const { longestGap, slowest, worstDelay, lostAt, startedAt } = report;
  const right = Object.entries(byAnswer).reduce(
    (sum, [text, count]) => sum + (text.startsWith(answers) ? count : 0),
    0,
  );
  return {
    ...{ name, way, sent, lost, wrong: answered - right, broken, repeated, late, refused, closed },
    lostAt: lostAt.map((at) => at + startedAt),
    ...{ longestGap: Math.round(longestGap), slowest: Math.round(slowest), worstDelay: Math.round(worstDelay) },
  };
}

function optionsOf(way: Way): Pick<LoadOptions, "transport" | "connections" | "concurrency" | "tlsName"> {
  switch (way) {
    case "udp":
      return { transport: "udp", concurrency: 4 };
    case "tcp":
      return { transport: "tcp", connections: "new" };
    case "persistent-tcp":
      return { transport: "tcp", connections: "persistent", concurrency: 2 };
    case "dot":
      return { transport: "dot", connections: "new", tlsName: TLS_NAME };
    case "persistent-dot":
      return { transport: "dot", connections: "persistent", concurrency: 2, tlsName: TLS_NAME };
  }
}
