import { expect, test } from "vitest";
import { mobilityOf } from "../../../lib/node/mobility/index.js";
import type { Happened, Reach, Results } from "../../../tools/quickstart/anycast/report.js";
import { groupModel, NODES, ROUTERS, SIDES } from "../../../tools/quickstart/anycast/stack.js";
import type { FlowAccount } from "../../../tools/quickstart/anycast/traffic.js";
import { boundsOf } from "../../../tools/quickstart/anycast/verdict.js";

const flow = (changes: Partial<FlowAccount> = {}): FlowAccount => ({
  ...{ family: "IPv4", transport: "UDP", sent: 100, lost: 0, outage: 0, wrong: 0 },
  ...changes,
});
const reach = (nodes: readonly string[]): Reach[] =>
  ROUTERS.flatMap((router) => SIDES.map(({ address }) => ({ router, address, nodes })));
const happened = (changes: Partial<Happened> = {}): Happened => ({
  ...{ what: "something", flows: [flow()], reach: reach(NODES) },
  ...changes,
});

const GOOD: Results = {
  start: { milliseconds: 15_000, reach: reach(NODES) },
  asked: [{ family: "IPv4", transport: "UDP", status: "NOERROR", milliseconds: 2 }],
  killed: happened({ flows: [flow({ lost: 60, outage: 900 })], reach: reach(["lb2", "lb3"]) }),
  returned: happened(),
  drained: happened({ reach: reach(["lb1", "lb3"]) }),
  undrained: happened(),
  takenDown: { processesBefore: 60, namespacesBefore: 9, processes: [], namespaces: [], directories: [] },
};
const broken = (results: Results) => boundsOf(results).flatMap(({ name, kept }) => (kept ? [] : [name]));

test("the group of the quickstart has three nodes behind two routers", () => {
  const { nodes, mobility } = groupModel();
  expect(nodes.map(({ name }) => name)).toEqual(NODES);
  expect(mobility).toMatchObject({ kind: "bgp", addresses: SIDES.map(({ address }) => address) });
  const [node] = nodes;
  if (node !== undefined) expect(mobilityOf(groupModel(), node).daemons).toHaveLength(1);
});

test("a run in which all is as promised keeps all bounds", () => {
  expect(broken(GOOD)).toEqual([]);
});

test.each<[string, Results, string]>([
  ["a node's death is noticed late", { killed: happened({ flows: [flow({ outage: 1_201 })] }) }, "outage after"],
  ["its return costs a query", { returned: happened({ flows: [flow({ lost: 1 })] }) }, "lost while it returns"],
  ["a drain costs a query", { drained: happened({ flows: [flow({ lost: 1 })] }) }, "lost while a node is drained"],
  ["an answer is an error", { drained: happened({ flows: [flow({ wrong: 1 })] }) }, "answers of an error"],
  ["a node gets no queries at the end", { undrained: happened({ reach: reach(["lb1", "lb2"]) }) }, "routers that"],
  ["nothing was sent", { drained: happened({ flows: [flow({ sent: 0 })] }) }, "lost while a node is drained"],
])("fails when %s", (_, changes, name) => {
  expect(broken({ ...GOOD, ...changes }).join("; ")).toContain(name);
});

test("fails when a step was not reached", () => {
  const { undrained: _, ...rest } = GOOD;
  expect(broken(rest)).toEqual([
    "lost while it comes back",
    "answers of an error",
    "routers that do not send queries to all nodes at the end",
  ]);
});
