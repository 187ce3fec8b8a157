import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { ListsChanged } from "../report.js";
import { SIDES, type Side, TRANSPORTS } from "../side.js";
import { type ListChange, poolOf, TLS_NAME, withChanges } from "../stack.js";
import { accountOf, endTraffic, type Flow, type FlowAccount, sleep, startTraffic } from "../traffic.js";

/** What changes: each list loses a server that lives and gains a new one. */
const CHANGES: readonly ListChange[] = [
  { frontend: "internal", removes: "resolver2", adds: { name: "resolver4", address: "192.168.1.13" } },
  { frontend: "public", removes: "auth2", adds: { name: "auth4", address: "192.168.1.23" } },
];

const RATES = { udp: 60, tcp: 30, dot: 30 };
const BEFORE = 500;
const AFTER = 1_000;
const IN_SERVICE = "15s";
const SAMPLE = { rate: 200, count: 60, concurrency: 6 };

/** The model as it is after the change. */
export function changedModel(model: LoadBalancer): LoadBalancer {
  return withChanges(model, CHANGES);
}

/** Applies changed lists of servers to both nodes under load, while `deadServer` is dead. */
export async function changeLists(lab: Lab, model: LoadBalancer, deadServer: string): Promise<ListsChanged> {
  const changed = changedModel(model);
  const flows = await startTraffic(lab, SIDES, RATES);
  await sleep(BEFORE);
  const started = performance.now();
  await lab.apply([changed]);
  const applyMilliseconds = Math.round(performance.now() - started);
  await lab.waitFor(() => newOnesServe(flows), { timeout: IN_SERVICE, what: "the new servers answer" });
  await sleep(AFTER);
  const reports = await endTraffic(flows);
  return {
    changes: CHANGES.map(({ frontend, adds, removes }) => ({ frontend, added: adds.name, removed: removes })),
    deadServer,
    applyMilliseconds,
    flows: reports.map((flow) => accountOf(flow, serversEver(model, changed, flow.side.frontend))),
    afterwards: await whoAnswers(lab, changed, deadServer),
  };
}

/** Shows what the change cost. */
export function showListsChanged({ changes, deadServer, applyMilliseconds, flows, afterwards }: ListsChanged): string {
  const rows = SIDES.map(({ frontend, family, address }) => [
    ...[frontend, family],
    ...TRANSPORTS.flatMap(([transport]) => cells(flows.find((flow) => isOf(flow, address, transport)))),
  ]);
  const columns = TRANSPORTS.flatMap(([, name]) => [`${name} sent`, "lost", "wrong pool"]);
  const notes = changes.map(({ frontend, added, removed }) => {
    const sets = afterwards.filter((each) => each.frontend === frontend).map(({ servers }) => servers.join(", "));
    return `${frontend}: ${removed} out, ${added} in; now ${[...new Set(sets)].join(" or ")} answer`;
  });
  return [
    table(["frontend", "family", ...columns], rows),
    ...notes,
    `applied to both nodes in ${(applyMilliseconds / 1_000).toFixed(1)} s, while ${deadServer} was dead`,
  ].join("\n");
}

function cells(flow: FlowAccount | undefined) {
  return [flow?.sent, flow?.lost, flow?.wrong];
}

function isOf(flow: FlowAccount, address: string, transport: string): boolean {
  return flow.address === address && flow.transport === transport;
}

/** Whether UDP reaches every new server; streams stay with the servers that they have. */
async function newOnesServe(flows: readonly Flow[]): Promise<boolean> {
  const datagrams = flows.filter(({ transport }) => transport === "udp");
  const served = datagrams.map(async ({ side, load }) => {
    const added = CHANGES.find(({ frontend }) => frontend === side.frontend)?.adds.name ?? "";
    return ((await load.report()).byAnswer[added] ?? 0) > 0;
  });
  await sleep(100);
  return (await Promise.all(served)).every(Boolean);
}

function serversEver(before: LoadBalancer, after: LoadBalancer, frontend: string): string[] {
  const names = [before, after].flatMap((model) => poolOf(model, frontend).servers.map(({ name }) => name));
  return [...new Set(names)];
}

type Afterwards = ListsChanged["afterwards"][number];

/** Asks anew, over new connections, who answers. */
async function whoAnswers(lab: Lab, model: LoadBalancer, deadServer: string): Promise<readonly Afterwards[]> {
  const sides = SIDES.filter(({ family }) => family === "IPv4");
  const answers = await Promise.all(sides.map((side) => whoAnswersAt(lab, model, deadServer, side)));
  return answers.flat();
}

/** One transport after the other: TCP and TLS share a backend, whose servers take turns. */
async function whoAnswersAt(lab: Lab, model: LoadBalancer, deadServer: string, side: Side): Promise<Afterwards[]> {
  const { frontend, client, address, whoami } = side;
  const names = poolOf(model, frontend).servers.map(({ name }) => name);
  const expected = names.filter((name) => name !== deadServer).sort();
  const answers: Afterwards[] = [];
  for (const [transport] of TRANSPORTS) {
    const load = await lab.client(client).load({
      ...{ name: whoami, type: "TXT", server: address, transport, tlsName: TLS_NAME },
      ...{ ...SAMPLE, connections: "persistent" },
    });
    const { byAnswer } = await load.done;
    answers.push({ frontend, transport, servers: Object.keys(byAnswer).sort(), expected });
  }
  return answers;
}
