import type { Duration } from "../../../lib/core/duration.js";
import type { LabClient, LoadOptions } from "../../../lib/testing/lab/client.js";
import type { LoadReport } from "../../../lib/testing/lab/client-protocol.js";
import type { Load } from "../../../lib/testing/lab/load.js";

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

/** A flow to begin: its name, and what is asked for at which rate. */
export interface FlowPlan extends Pick<Flow, "name" | "way" | "answers"> {
  readonly server: string;
  /** The name whose TXT record says which server answers. */
  readonly question: string;
  /** Queries per second. */
  readonly rate: number;
  /** The name in the certificate of the server. */
  readonly tlsName: string;
  /** Whether what is open when a connection that was to stay is ended is asked again, within the same second. */
  readonly retry: boolean;
  /**
   * How long a client waits for an answer.
   * @default "1s"
   */
  readonly timeout?: Duration;
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

export const WAYS = ["udp", "tcp", "persistent-tcp", "dot", "persistent-dot"] as const satisfies readonly Way[];

/** Begins to ask. */
export async function startFlow(client: LabClient, plan: FlowPlan): Promise<Flow> {
  const { name, way, answers, server, question, rate, retry, timeout = "1s" } = plan;
  const asked = { server, name: question, type: "TXT", rate, timeout, retry } as const;
  return { name, way, answers, load: await client.load({ ...optionsOf(plan), ...asked }) };
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

function optionsOf({
  way,
  tlsName,
}: FlowPlan): Pick<LoadOptions, "transport" | "connections" | "concurrency" | "tlsName"> {
  switch (way) {
    case "udp":
      return { transport: "udp", concurrency: 4 };
    case "tcp":
      return { transport: "tcp", connections: "new" };
    case "persistent-tcp":
      return { transport: "tcp", connections: "persistent", concurrency: 2 };
    case "dot":
      return { transport: "dot", connections: "new", tlsName };
    case "persistent-dot":
      return { transport: "dot", connections: "persistent", concurrency: 2, tlsName };
  }
}
