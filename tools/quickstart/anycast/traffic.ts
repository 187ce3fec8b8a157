import type { Lab } from "../../../lib/testing/index.js";
import { TRANSPORTS } from "../side.js";
import { sleep } from "../traffic.js";
import { SIDES, TLS_NAME } from "./stack.js";

/** What became of the queries of a client by one transport while something happened. */
export interface FlowAccount {
  readonly family: string;
  readonly transport: string;
  readonly sent: number;
  readonly lost: number;
  /** Milliseconds from the event to the last query that was lost; 0 if none was. */
  readonly outage: number;
  /** Answers of an error. */
  readonly wrong: number;
}

/** Queries per second; each over TCP and TLS has a connection of its own. */
const RATES = { udp: 200, tcp: 25, dot: 10 } as const;
/** Sockets of a client over UDP: each node gets the flows of some. */
const SOCKETS = 60;
/** Milliseconds under load before something happens, and after. */
const BEFORE = 1_000;
const AFTER = 2_500;

/** Does something while clients ask, and tells what they lost. */
export async function underLoad(lab: Lab, act: () => Promise<void>): Promise<readonly FlowAccount[]> {
  const flows = await Promise.all(
    SIDES.flatMap((side) =>
      TRANSPORTS.map(async ([transport, name]) => {
        const load = await lab.client(side.client).load({
          ...{ name: "whoami.dns-lb.test", type: "TXT", server: side.address, transport, rate: RATES[transport] },
          // A client asks again when the connection that it opens ends, because its flow has moved to another node.
          ...{ concurrency: SOCKETS, timeout: "1s", tlsName: TLS_NAME, retry: "all" },
        });
        return { family: side.family, transport: name, load };
      }),
    ),
  );
  await sleep(BEFORE);
  const at = Date.now();
  await act();
  await sleep(AFTER);
  return Promise.all(
    flows.map(async ({ family, transport, load }) => {
      const { sent, lost, answered, byRcode, lostAt, startedAt } = await load.stop();
      const outage = Math.max(0, ...lostAt.map((each) => Math.round(startedAt + each - at)));
      return { family, transport, sent, lost, outage, wrong: answered - (byRcode["NOERROR"] ?? 0) };
    }),
  );
}
