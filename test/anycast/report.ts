import { table } from "../../scripts/figures/table.js";
import { type Account, isNew } from "./account.js";
import type { FlowReport, Way } from "./traffic.js";

const WAYS = ["udp", "new tcp", "new tls", "kept tcp", "kept tls"] as const satisfies readonly Way[];

/** Shows, for one event after the other, how many queries were lost of how many sent, by the way that they travelled. */
export function showAccounts(accounts: readonly Account[]): string {
  const rows = accounts.map((account) => {
    const { event, part, victim, outage, share, moves, flows } = account;
    return [
      ...[part === "return" ? `${event}, return` : event, victim, String(outage), `${Math.round(share * 100)} %`],
      ...WAYS.map((way) => lostOf(flows.filter((flow) => flow.way === way))),
      ...[
        sum(flows, "wrong"),
        sum(flows.filter(isNew), "repeated"),
        sum(flows, "broken"),
        Object.values(moves).join("/"),
      ],
      Math.max(0, ...flows.map(({ worstDelay }) => worstDelay)),
    ];
  });
  const columns = ["outage ms", "share", ...WAYS, "errors", "again", "broken", "moves", "client late ms"];
  return table(["lost of sent", "of", ...columns], rows);
}

function lostOf(flows: readonly FlowReport[]): string {
  return `${sum(flows, "lost")}/${sum(flows, "sent")}`;
}

function sum(flows: readonly FlowReport[], key: "lost" | "sent" | "repeated" | "broken" | "wrong"): number {
  return flows.reduce((total, flow) => total + flow[key], 0);
}
