import { table } from "../../scripts/figures/table.js";
import { type Account, isNew } from "./account.js";
import type { Event } from "./event.js";
import type { FlowReport } from "./traffic.js";

/** What an event, or a return after it, has cost at worst. */
export interface EventRecord {
  readonly event: string;
  readonly runs: number;
  /** Milliseconds after which no new query may be lost; absent where none may be lost at all. */
  readonly within?: number;
  /** Milliseconds from the event to the last new query that was lost. */
  readonly outage: number;
  /** The most new queries that one run has lost, of the most that one has sent; absent where answers are errors. */
  readonly lost?: number;
  readonly sent: number;
  /** The most connections of one query each that clients had to open again in one run, and how many there were. */
  readonly again: number;
  readonly connections: number;
}

/** What `npm run test:anycast -- --record FILE` writes. */
export interface AnycastRecord {
  readonly schema: 1;
  readonly events: readonly EventRecord[];
}

/** What the runs of some events have cost. */
export function recordOf(events: readonly Event[], accounts: readonly Account[]): readonly EventRecord[] {
  return events.flatMap((event) =>
    (["failure", "return"] as const).flatMap((part) => {
      const own = accounts.filter((account) => account.event === event.name && account.part === part);
      if (own.length === 0) return [];
      const within = part === "failure" ? event.within : undefined;
      const { lost, ...rest } = costsOf(own.map(({ flows }) => flows));
      return [
        {
          ...{ event: part === "return" ? `${event.name}, return` : event.name, runs: own.length },
          ...(within === undefined ? {} : { within }),
          outage: Math.max(...own.map(({ outage }) => outage)),
          ...(event.judgesMoves ? {} : { lost }),
          ...rest,
        },
      ];
    }),
  );
}

/** The same of what is no event of a site. */
export function recordOfMoves(event: string, runs: readonly { readonly flows: readonly FlowReport[] }[]) {
  return runs.length === 0
    ? []
    : [{ event, runs: runs.length, outage: 0, ...costsOf(runs.map(({ flows }) => flows)) } satisfies EventRecord];
}

/** A record with what is new in the place of what it said of the same events. */
export function merged(before: AnycastRecord | undefined, fresh: readonly EventRecord[]): AnycastRecord {
  const known = before?.events ?? [];
  const replaced = known.map((old) => fresh.find(({ event }) => event === old.event) ?? old);
  return {
    schema: 1,
    events: [...replaced, ...fresh.filter(({ event }) => known.every((old) => old.event !== event))],
  };
}

/** The blocks that the documentation shows of a record, by name. */
export function showAnycast(record: AnycastRecord | undefined): Readonly<Record<string, string>> {
  if (record === undefined) return { "anycast.events": "No run is recorded yet." };
  const rows = record.events.map(({ event, runs, within, outage, lost, sent, again, connections }) => [
    ...[event, runs, within, lost === undefined ? undefined : outage],
    ...[lost === undefined ? undefined : `${lost}/${sent}`, `${again}/${connections}`],
  ]);
  return { "anycast.events": table(["event", "runs", "ms promised", "ms", "lost", "opened again"], rows) };
}

function costsOf(runs: readonly (readonly FlowReport[])[]) {
  const most = (value: (flows: readonly FlowReport[]) => number) => Math.max(...runs.map(value));
  const opened = ({ way }: FlowReport) => way === "new tcp" || way === "new tls";
  return {
    lost: most((flows) => sum(flows.filter(isNew), ({ lost, wrong }) => lost + wrong)),
    sent: most((flows) => sum(flows.filter(isNew), ({ sent }) => sent)),
    again: most((flows) => sum(flows.filter(opened), ({ repeated }) => repeated)),
    connections: most((flows) => sum(flows.filter(opened), ({ sent }) => sent)),
  };
}

function sum(flows: readonly FlowReport[], value: (flow: FlowReport) => number): number {
  return flows.reduce((total, flow) => total + value(flow), 0);
}
