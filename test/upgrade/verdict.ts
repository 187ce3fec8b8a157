import { atMost, type Bound, none, within } from "../../scripts/figures/bounds.js";
import type { Account } from "./account.js";
import type { Outage } from "./steps/outages.js";
import { type FlowReport, KEEPING, KEPT } from "./traffic.js";

/** What may be under way on connections when the addresses move, and is lost. */
const UNDER_WAY = 2;
/** Milliseconds in which the addresses of a dead node must answer again. */
const TAKEOVER = 1_500;

/** The services that read other files or arguments at their start, or run as another user, than in the release before. */
const RESTARTED: readonly string[] = ["dnsdist", "keepalived", "watch"];

/** Holds what was seen in all rounds against what is promised. */
export function boundsOf(accounts: readonly Account[], outages: readonly Outage[]): readonly Bound[] {
  const steps = [...new Set(accounts.map(({ step }) => step))];
  const flows = accounts.flatMap((account) => account.flows);
  const died = outages.length === 0 ? undefined : Math.max(...outages.map(({ gap }) => gap));
  return [
    ...steps.flatMap((step) =>
      lossesOf(
        step,
        accounts.filter((account) => account.step === step),
      ),
    ),
    none("answered wrongly", sumOf(flows, "wrong")),
    none(
      "moves too many or too few",
      countOf(accounts, ({ moves: { planned, seen } }) => Math.abs(seen - planned)),
    ),
    none(
      `services but ${RESTARTED.join(", ")} started anew by a change`,
      countOf(accounts, ({ restarted }) => restarted.filter((daemon) => !RESTARTED.includes(daemon)).length),
    ),
    within("a node of a mixed pair dies: without service", { below: TAKEOVER }, died),
  ];
}

/** What a step may cost depends on how often the addresses move. */
function lossesOf(step: string, accounts: readonly Account[]): readonly Bound[] {
  const flows = accounts.flatMap((account) => account.flows);
  const moves = countOf(accounts, ({ moves: { planned } }) => planned) ?? 0;
  const streams = flows.filter((flow) => !isUdp(flow));
  return [
    none(`${step}: lost over UDP`, sumOf(flows.filter(isUdp), "lost")),
    atMost(`${step}: lost with connections in ${moves} moves`, UNDER_WAY * moves, sumOf(streams, "lost")),
    atMost(`${step}: kept connections broken`, KEEPING * KEPT * moves, sumOf(flows, "broken")),
  ];
}

function isUdp({ way }: FlowReport): boolean {
  return way === "udp";
}

/** A sum over flows; one that sent nothing has measured nothing. */
function sumOf(flows: readonly FlowReport[], key: "lost" | "broken" | "wrong"): number | undefined {
  if (flows.length === 0 || flows.some(({ sent }) => sent === 0)) return undefined;
  return flows.reduce((sum, flow) => sum + flow[key], 0);
}

function countOf(accounts: readonly Account[], value: (account: Account) => number): number | undefined {
  return accounts.length === 0 ? undefined : accounts.reduce((sum, account) => sum + value(account), 0);
}
