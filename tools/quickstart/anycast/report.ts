import { table } from "../../../scripts/figures/table.js";
import type { TakenDown } from "../report.js";
import { TRANSPORTS } from "../side.js";
import { SIDES } from "./stack.js";
import type { FlowAccount } from "./traffic.js";

/** Which nodes get queries, and how they are reached. */
export interface Reach {
  readonly router: string;
  readonly address: string;
  readonly nodes: readonly string[];
}

/** An answer to a client behind the routers. */
export interface Asked {
  readonly family: string;
  readonly transport: string;
  readonly status: string;
  readonly milliseconds: number;
}

/** Something that happened under load. */
export interface Happened {
  readonly what: string;
  readonly flows: readonly FlowAccount[];
  /** Which nodes get queries after it. */
  readonly reach: readonly Reach[];
}

/** What the steps found; a step that was not reached has nothing. */
export interface Results {
  readonly start?: { readonly milliseconds: number; readonly reach: readonly Reach[] };
  readonly asked?: readonly Asked[];
  readonly killed?: Happened;
  readonly returned?: Happened;
  readonly drained?: Happened;
  readonly undrained?: Happened;
  readonly takenDown?: TakenDown;
}

/** Shows over which nodes routers spread queries. */
export function showReach(reach: readonly Reach[]): string {
  const rows = reach.map(({ router, address, nodes }) => [router, address, nodes.join(", ") || "no node"]);
  return table(["router", "address", "spreads queries over"], rows);
}

/** Shows how every address answers. */
export function showAsked(asked: readonly Asked[]): string {
  const rows = asked.map(({ family, transport, status, milliseconds }) => [
    ...[family, transport, status, milliseconds.toFixed(1)],
  ]);
  return table(["family", "transport", "answer", "ms"], rows);
}

/** Shows what something cost. */
export function showHappened({ flows, reach }: Happened): string {
  const rows = SIDES.map(({ family }) => [
    family,
    ...TRANSPORTS.flatMap(([, name]) => {
      const flow = flows.find((each) => each.family === family && each.transport === name);
      return [flow?.sent, flow?.lost, flow?.outage];
    }),
  ]);
  const columns = TRANSPORTS.flatMap(([, name]) => [`${name} sent`, "lost", "outage ms"]);
  return `${table(["family", ...columns], rows)}\n\n${showReach(reach)}`;
}
