import type { Load, LoadOptions, LoadReport, ModelLab } from "../../lib/testing/index.js";
import { ADDRESS, TLS_NAME, WHOAMI } from "./model.js";

/** How queries travel: over UDP, with a connection for each, or with some that stay. */
export type Way = "udp" | "new tcp" | "new tls" | "kept tcp" | "kept tls";

/** Queries to one address one way. */
interface Plan {
  readonly way: Way;
  readonly client: string;
  readonly server: string;
  readonly rate: number;
  /** Sockets or connections that are kept: enough for each node to have some. */
  readonly flows: number;
}

const PLANS: readonly Plan[] = [
  { way: "udp", client: "100.64.0.10", server: ADDRESS.ipv4, rate: 200, flows: 60 },
  { way: "udp", client: "2001:db8:1000::10", server: ADDRESS.ipv6, rate: 100, flows: 60 },
  { way: "new tcp", client: "100.64.0.11", server: ADDRESS.ipv4, rate: 30, flows: 1 },
  { way: "new tcp", client: "2001:db8:1000::10", server: ADDRESS.ipv6, rate: 20, flows: 1 },
  { way: "new tls", client: "100.64.0.11", server: ADDRESS.ipv4, rate: 10, flows: 1 },
  { way: "kept tcp", client: "100.64.0.11", server: ADDRESS.ipv4, rate: 60, flows: 20 },
  { way: "kept tls", client: "2001:db8:1000::10", server: ADDRESS.ipv6, rate: 30, flows: 10 },
];

/** Queries that are being sent. */
export interface Flow {
  readonly plan: Plan;
  readonly load: Load;
}

/** What became of the queries of a flow. */
export interface FlowReport extends Pick<Plan, "way" | "rate"> {
  readonly sent: number;
  readonly lost: number;
  /** Answers of an error. */
  readonly wrong: number;
  /** Connections that were to stay and were ended. */
  readonly broken: number;
  /** Queries that were asked again, because their connection ended before the answer. */
  readonly repeated: number;
  /** Of the lost ones: answered after 1 s, with a connection that was refused, with one that ended. */
  readonly late: number;
  readonly refused: number;
  readonly closed: number;
  /** Milliseconds: how far the client itself was behind its schedule at worst. */
  readonly worstDelay: number;
  /** When lost queries were sent, since the epoch in milliseconds. */
  readonly lostAt: readonly number[];
}

/** Begins to ask all ways. */
export function startTraffic(lab: ModelLab): Promise<readonly Flow[]> {
  return Promise.all(
    PLANS.map(async (plan) => {
      const { client, server, rate } = plan;
      // Clients ask again what is open when a connection ends, as RFC 7766 wants: one that is being opened while routers
      // move its flow to another node ends, too.
      const question = { server, name: WHOAMI, type: "TXT", rate, timeout: "1s", retry: "all" } as const;
      return { plan, load: await lab.client(client).load({ ...question, ...optionsOf(plan) }) };
    }),
  );
}

/** Sends nothing more, and waits for the last answers. */
export function endTraffic(flows: readonly Flow[]): Promise<readonly FlowReport[]> {
  return Promise.all(flows.map(async ({ plan, load }) => reportOf(plan, await load.stop())));
}

function reportOf({ way, rate }: Plan, report: LoadReport): FlowReport {
  const { sent, lost, answered, broken, repeated, late, refused, closed, lostAt, byRcode, startedAt } = report;
  return {
    ...{ way, rate, sent, lost, wrong: answered - (byRcode["NOERROR"] ?? 0), broken, repeated, late, refused, closed },
    worstDelay: Math.round(report.worstDelay),
    lostAt: lostAt.map((at) => startedAt + at),
  };
}

function optionsOf({ way, flows }: Plan): Pick<LoadOptions, "transport" | "connections" | "concurrency" | "tlsName"> {
  if (way === "udp") return { transport: "udp", connections: "persistent", concurrency: flows };
  const common = { connections: way.startsWith("new") ? "new" : "persistent", concurrency: flows } as const;
  return way.endsWith("tcp") ? { ...common, transport: "tcp" } : { ...common, transport: "dot", tlsName: TLS_NAME };
}
