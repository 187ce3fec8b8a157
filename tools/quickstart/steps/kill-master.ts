import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab, LabNode } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { MasterKilled } from "../report.js";
import { SIDES, TRANSPORTS } from "../side.js";
import { poolOf } from "../stack.js";
import { accountOf, endTraffic, sleep, startTraffic } from "../traffic.js";

const RATES = { udp: 100, tcp: 25, dot: 25 };
const BEFORE = 1_000;
const AFTER = 4_000;

/** Kills the node that holds the virtual addresses, under load, and measures how long each client was without service. */
export async function killMaster(lab: Lab, model: LoadBalancer, node: LabNode): Promise<MasterKilled> {
  const successor = lab.nodes.find(({ name }) => name !== node.name)?.name ?? "";
  const flows = await startTraffic(lab, SIDES, RATES);
  await sleep(BEFORE);
  await node.kill();
  await sleep(AFTER);
  const reports = await endTraffic(flows);
  const holders = await Promise.all(SIDES.map(async ({ address }) => [address, await lab.holders(address)] as const));
  return {
    node: node.name,
    successor,
    flows: reports.map((flow) => ({
      ...accountOf(flow, namesOf(model, flow.side.frontend)),
      longestGap: Math.round(flow.report.longestGap),
    })),
    unmoved: holders.filter(([, names]) => names.join() !== successor).map(([address]) => address),
  };
}

function namesOf(model: LoadBalancer, frontend: string): string[] {
  return poolOf(model, frontend).servers.map(({ name }) => name);
}

/** Shows what the master's death cost. */
export function showMasterKilled({ node, successor, flows }: MasterKilled): string {
  const rows = SIDES.map(({ frontend, family, address }) => [
    ...[frontend, family],
    ...TRANSPORTS.flatMap(([transport]) => {
      const flow = flows.find((each) => each.address === address && each.transport === transport);
      return [flow?.sent, flow?.lost, flow?.longestGap];
    }),
  ]);
  const columns = TRANSPORTS.flatMap(([, name]) => [`${name} sent`, "lost", "gap ms"]);
  return [
    table(["frontend", "family", ...columns], rows),
    `gap: the longest time without service; ${successor} took over from ${node}`,
  ].join("\n");
}
