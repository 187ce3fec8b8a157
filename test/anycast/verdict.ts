import { type Bound, none, within } from "../../scripts/figures/bounds.js";
import { type Account, isNew } from "./account.js";
import type { Event } from "./event.js";
import type { FlowReport } from "./traffic.js";

/** Holds the worst of what was seen of each event against what is promised. */
export function boundsOf(events: readonly Event[], accounts: readonly Account[]): readonly Bound[] {
  return events.flatMap((event) => {
    const own = accounts.filter(({ event: name }) => name === event.name);
    const part = (wanted: Account["part"]) => own.filter(({ part: each }) => each === wanted);
    return [...failureBounds(event, part("failure")), ...returnBounds(event, part("return"))];
  });
}

function failureBounds(event: Event, accounts: readonly Account[]): readonly Bound[] {
  const { name } = event;
  if (event.judgesMoves) return movesBounds(name, accounts);
  if (event.within === undefined) return [none(`${name}: new queries lost`, lostOf(accounts))];
  return [
    within(
      `${name}: without service`,
      { atMost: event.within },
      worst(accounts, ({ outage }) => outage),
    ),
    ...(event.ownShare
      ? [
          none(
            `${name}: lost beyond its share`,
            worst(accounts, ({ beyondShare }) => beyondShare),
          ),
        ]
      : []),
  ];
}

function returnBounds(event: Event, accounts: readonly Account[]): readonly Bound[] {
  const name = `${event.name}, return`;
  if (event.recover === undefined) return [];
  return event.judgesMoves ? movesBounds(name, accounts) : [none(`${name}: new queries lost`, lostOf(accounts))];
}

function movesBounds(name: string, accounts: readonly Account[]): readonly Bound[] {
  return [
    none(
      `${name}: withdrawals`,
      worst(accounts, ({ withdrawals }) => withdrawals),
    ),
    none(
      `${name}: nodes that moved twice`,
      worst(accounts, ({ moves }) => Object.values(moves).filter((count) => count > 1).length),
    ),
  ];
}

/** The most of new queries that one run has lost; one that sent nothing has measured nothing. */
function lostOf(accounts: readonly Account[]): number | undefined {
  if (accounts.some(({ flows }) => flows.length === 0 || flows.some(({ sent }) => sent === 0))) return undefined;
  return worst(accounts, ({ flows }) => sum(flows.filter(isNew), ({ lost, wrong }) => lost + wrong));
}

function worst(accounts: readonly Account[], value: (account: Account) => number): number | undefined {
  return accounts.length === 0 ? undefined : Math.max(...accounts.map(value));
}

function sum(flows: readonly FlowReport[], value: (flow: FlowReport) => number): number {
  return flows.reduce((total, flow) => total + value(flow), 0);
}
