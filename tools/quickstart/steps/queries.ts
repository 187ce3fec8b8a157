import type { Lab } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { QueryResult } from "../report.js";
import { SIDES, TRANSPORTS } from "../side.js";
import { TLS_NAME } from "../stack.js";

const NAME = "www.example.com";
const ADDRESS = "192.0.2.80";

/** Asks every address over every transport, as a strict client does. */
export async function askEverywhere(lab: Lab): Promise<QueryResult[]> {
  const results: QueryResult[] = [];
  for (const { frontend, family, address, client } of SIDES) {
    for (const [transport] of TRANSPORTS) {
      const options = { server: address, transport, timeout: "1s", tlsName: TLS_NAME } as const;
      const { status, answers, time, alpn, tlsVersion } = await lab.client(client).query(NAME, "A", options);
      const answered = status === "NOERROR" && answers.join() === ADDRESS;
      const secured = transport !== "dot" || (alpn === "dot" && /^TLSv1\.[23]$/.test(tlsVersion ?? ""));
      results.push({
        ...{ frontend, family, address, transport, status, answers, milliseconds: Number(time.toFixed(1)) },
        ...(alpn === undefined ? {} : { alpn }),
        ...(tlsVersion === undefined ? {} : { tlsVersion }),
        right: answered && secured,
      });
    }
  }
  return results;
}

/** Shows the answers, a line for each address. */
export function showQueries(queries: readonly QueryResult[]): string {
  const rows = SIDES.map(({ frontend, family, address }) => {
    const here = queries.filter((query) => query.address === address);
    const times = TRANSPORTS.map(([transport]) => here.find((query) => query.transport === transport)).map((query) =>
      query?.status === "NOERROR" ? query.milliseconds.toFixed(1).padStart(6) : query?.status,
    );
    const dot = here.find(({ transport }) => transport === "dot");
    const answers = [...new Set(here.map((query) => query.answers.join(" ")))].filter((text) => text !== "");
    return [frontend, family, address, answers.join(" or ") || undefined, ...times, dot?.alpn, dot?.tlsVersion];
  });
  const headings = ["frontend", "family", "address", `${NAME} A`, "UDP ms", "TCP ms", "DoT ms", "ALPN", "TLS"];
  return table(headings, rows);
}
