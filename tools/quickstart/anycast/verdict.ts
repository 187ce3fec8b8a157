import { type Bound, none, within } from "../../../scripts/figures/bounds.js";
import type { Happened, Results } from "./report.js";
import { NODES, ROUTERS, SIDES } from "./stack.js";
import type { FlowAccount } from "./traffic.js";

/** Milliseconds in which the group must be up, and in which nobody is sent to a dead node any more. */
const START = 40_000;
const OUTAGE = 1_200;

/** Holds the results against everything that is promised. */
export function boundsOf({ start, asked, killed, returned, drained, undrained, takenDown }: Results): Bound[] {
  return [
    within("start of the group", { atMost: START }, start?.milliseconds),
    none("queries not answered", asked?.filter(({ status }) => status !== "NOERROR").length),
    within("outage after a node's death", { atMost: OUTAGE }, worst(killed?.flows)),
    none(
      "lost while it returns",
      sumOf(returned, ({ lost }) => lost),
    ),
    none(
      "lost while a node is drained",
      sumOf(drained, ({ lost }) => lost),
    ),
    none(
      "lost while it comes back",
      sumOf(undrained, ({ lost }) => lost),
    ),
    none(
      "answers of an error",
      [killed, returned, drained, undrained]
        .map((happened) => sumOf(happened, ({ wrong }) => wrong))
        .reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each)),
    ),
    none("routers that do not send queries to all nodes at the end", partial(undrained)),
    none("processes left behind", takenDown?.processes.length),
    none("network namespaces left behind", takenDown?.namespaces.length),
    none("directories left behind", takenDown?.directories.length),
  ];
}

/** A sum over flows; a flow that sent nothing has measured nothing. */
function sumOf(happened: Happened | undefined, value: (flow: FlowAccount) => number): number | undefined {
  const flows = happened?.flows;
  if (flows === undefined || flows.length === 0 || flows.some(({ sent }) => sent === 0)) return undefined;
  return flows.reduce((sum, flow) => sum + value(flow), 0);
}

function worst(flows: readonly FlowAccount[] | undefined): number | undefined {
  return flows === undefined || flows.length === 0 ? undefined : Math.max(...flows.map(({ outage }) => outage));
}

function partial(happened: Happened | undefined): number | undefined {
  if (happened === undefined) return undefined;
  const whole = happened.reach.filter(({ nodes }) => nodes.length === NODES.length).length;
  return ROUTERS.length * SIDES.length - whole;
}
