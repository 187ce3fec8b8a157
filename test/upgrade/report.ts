import { table } from "../../scripts/figures/table.js";
import type { Account } from "./account.js";
import type { FlowReport, Way } from "./traffic.js";

const WAYS = ["udp", "new tcp", "new tls", "kept tcp", "kept tls"] as const satisfies readonly Way[];

/** Shows, for one step after the other, how many queries were lost of how many sent, by the way that they travelled. */
export function showAccounts(accounts: readonly Account[]): string {
  const rows = accounts.map(({ step, seconds, moves, flows }) => [
    ...[step, seconds.toFixed(1), String(moves.seen)],
    ...WAYS.map((way) => lostOf(flows.filter((flow) => flow.way === way))),
    ...[sum(flows, "broken"), Math.max(0, ...flows.map(({ worstDelay }) => worstDelay))],
  ]);
  return table(["lost of sent", "s", "moves", ...WAYS, "broken", "client late ms"], rows);
}

function lostOf(flows: readonly FlowReport[]): string {
  return `${sum(flows, "lost")}/${sum(flows, "sent")}`;
}

function sum(flows: readonly FlowReport[], key: "lost" | "sent" | "broken"): number {
  return flows.reduce((total, flow) => total + flow[key], 0);
}
