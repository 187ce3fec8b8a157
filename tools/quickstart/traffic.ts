import type { ClientTransport, Lab, Load, LoadReport } from "../../lib/testing/index.js";
import { type Side, TRANSPORTS } from "./side.js";
import { TLS_NAME } from "./stack.js";

/** Queries per second, by transport. */
export type Rates = Readonly<Record<ClientTransport, number>>;

/** Queries that a client sends to one address over one transport. */
export interface Flow {
  readonly side: Side;
  readonly transport: ClientTransport;
  readonly load: Load;
}

/** A flow that is over, and what became of it. */
export interface FlowReport {
  readonly side: Side;
  readonly transport: ClientTransport;
  readonly report: LoadReport;
}

/** What became of the queries of a flow, for the report. */
export interface FlowAccount {
  readonly frontend: string;
  readonly family: string;
  readonly address: string;
  readonly transport: ClientTransport;
  readonly sent: number;
  readonly lost: number;
  /** Answers that are no server's of the frontend's pool. */
  readonly wrong: number;
  /** Answers by server. */
  readonly answers: Readonly<Record<string, number>>;
  /** Milliseconds: how far the client itself was behind its schedule at worst. */
  readonly worstDelay: number;
  /** Milliseconds from the start of the flow: when lost queries were sent. */
  readonly lostAt: readonly number[];
}

/** Begins to ask every server's name, on all transports of some sides; streams keep their connections. */
export function startTraffic(lab: Lab, sides: readonly Side[], rates: Rates): Promise<Flow[]> {
  const flows = sides.flatMap((side) => TRANSPORTS.map(([transport]) => ({ side, transport })));
  return Promise.all(
    flows.map(async ({ side, transport }) => {
      const load = await lab.client(side.client).load({
        ...{ name: side.whoami, type: "TXT", server: side.address, transport, rate: rates[transport] },
        ...{ connections: "persistent", concurrency: 4, timeout: "1s", tlsName: TLS_NAME },
      });
      return { side, transport, load };
    }),
  );
}

/** Sends nothing more and waits for the last answers. */
export function endTraffic(flows: readonly Flow[]): Promise<FlowReport[]> {
  return Promise.all(flows.map(async ({ side, transport, load }) => ({ side, transport, report: await load.stop() })));
}

/** Sums a flow up; `expected` are the servers that may answer. */
export function accountOf({ side, transport, report }: FlowReport, expected: readonly string[]): FlowAccount {
  const { frontend, family, address } = side;
  const { sent, lost, answered, byAnswer, worstDelay, lostAt } = report;
  const right = expected.reduce((sum, name) => sum + (byAnswer[name] ?? 0), 0);
  return {
    ...{ frontend, family, address, transport, sent, lost },
    ...{ wrong: answered - right, answers: byAnswer, worstDelay: Math.round(worstDelay), lostAt },
  };
}

/** Waits. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
