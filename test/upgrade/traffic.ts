import type { Lab, Load, LoadOptions, LoadReport } from "../../lib/testing/index.js";
import { ADDRESS, TLS_NAME } from "../lab/production/stack.js";

/** How queries travel: over UDP, with a connection for each, or with a few that stay. */
export type Way = "udp" | "new tcp" | "new tls" | "kept tcp" | "kept tls";

/** Connections that a flow keeps. */
export const KEPT = 4;

/** Queries to one virtual address one way, from a client that nothing else uses. */
interface Plan {
  readonly name: string;
  readonly way: Way;
  readonly client: string;
  readonly server: string;
  readonly rate: number;
}

/* A client may open 30 connections to the internal frontend in 10 s, and 500 to the public one. */
const PLANS: readonly Plan[] = [
  { name: "internal", way: "udp", client: "10.0.0.101", server: ADDRESS.internal, rate: 300 },
  { name: "internal IPv6", way: "udp", client: "fd53::101", server: ADDRESS.internal6, rate: 50 },
  { name: "internal", way: "kept tcp", client: "10.0.0.102", server: ADDRESS.internal, rate: 100 },
  { name: "internal", way: "kept tls", client: "10.0.0.103", server: ADDRESS.internal, rate: 50 },
  { name: "internal", way: "new tcp", client: "10.0.0.104", server: ADDRESS.internal, rate: 2 },
  { name: "public", way: "udp", client: "192.0.2.101", server: ADDRESS.public, rate: 200 },
  { name: "public", way: "kept tcp", client: "192.0.2.102", server: ADDRESS.public, rate: 100 },
  { name: "public", way: "new tcp", client: "192.0.2.102", server: ADDRESS.public, rate: 20 },
  { name: "public IPv6", way: "new tcp", client: "2001:db8:99::102", server: ADDRESS.public6, rate: 20 },
  { name: "public", way: "new tls", client: "192.0.2.103", server: ADDRESS.public, rate: 10 },
];

/** Flows whose connections stay. */
export const KEEPING = PLANS.filter(({ way }) => way.startsWith("kept")).length;

/** Queries that are being sent. */
export interface Flow {
  readonly plan: Plan;
  readonly load: Load;
}

/** What became of the queries of a flow. */
export interface FlowReport extends Pick<Plan, "name" | "way"> {
  readonly sent: number;
  readonly lost: number;
  /** Answers that are none, or no server's of the frontend's pool. */
  readonly wrong: number;
  /** Connections that were to stay and were ended. */
  readonly broken: number;
  /** Queries that were asked again because of that. */
  readonly repeated: number;
  /** Of the lost ones: answered after 1 s, with a connection that was refused, with one that ended. */
  readonly late: number;
  readonly refused: number;
  readonly closed: number;
  /** Milliseconds. */
  readonly longestGap: number;
  readonly slowest: number;
  /** Milliseconds: how far the client itself was behind its schedule at worst. */
  readonly worstDelay: number;
  /** Milliseconds from the start of the flow: when lost queries were sent. */
  readonly lostAt: readonly number[];
}

/** Begins to ask both frontends all ways. */
export function startTraffic(lab: Lab): Promise<readonly Flow[]> {
  return Promise.all(
    PLANS.map(async (plan) => {
      const { client, server, rate } = plan;
      const name = isInternal(plan) ? "whoami.dns-lb.test" : "whoami.example.com";
      // Clients ask again what is open when a connection that was to stay ends, as RFC 7766 wants.
      const question = { server, name, type: "TXT", rate, timeout: "1s", retry: true } as const;
      return { plan, load: await lab.client(client).load({ ...question, ...optionsOf(plan.way) }) };
    }),
  );
}

/** Sends nothing more, and waits for the last answers. */
export function endTraffic(flows: readonly Flow[]): Promise<readonly FlowReport[]> {
  return Promise.all(flows.map(async ({ plan, load }) => reportOf(plan, await load.stop())));
}

function reportOf(plan: Plan, report: LoadReport): FlowReport {
  const { sent, lost, broken, repeated, late, refused, closed, lostAt, byAnswer } = report;
  const answers = isInternal(plan) ? "resolver" : "auth";
  const right = Object.entries(byAnswer).reduce(
    (sum, [text, count]) => sum + (text.startsWith(answers) ? count : 0),
    0,
  );
  return {
    ...{ name: plan.name, way: plan.way, sent, lost, wrong: report.answered - right, broken, repeated },
    ...{ late, refused, closed, longestGap: Math.round(report.longestGap), slowest: Math.round(report.slowest) },
    ...{ worstDelay: Math.round(report.worstDelay), lostAt },
  };
}

function isInternal({ name }: Plan): boolean {
  return name.startsWith("internal");
}

function optionsOf(way: Way): Pick<LoadOptions, "transport" | "connections" | "concurrency" | "tlsName"> {
  if (way === "udp") return { transport: "udp", connections: "persistent", concurrency: 4 };
  const connections = way.startsWith("new") ? "new" : "persistent";
  const common = { connections, concurrency: KEPT } as const;
  return way.endsWith("tcp") ? { ...common, transport: "tcp" } : { ...common, transport: "dot", tlsName: TLS_NAME };
}
