import { detectionTime } from "../../../lib/model/health-check.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab, LabNode } from "../../../lib/testing/index.js";
import { table } from "../../../scripts/figures/table.js";
import type { ResolverKilled } from "../report.js";
import { SIDES, TRANSPORTS } from "../side.js";
import { poolOf } from "../stack.js";
import { accountOf, endTraffic, type FlowReport, sleep, startTraffic } from "../traffic.js";

/** The resolver that dies, and stays dead for the steps that follow. */
export const VICTIM = "resolver1";

const RATES = { udp: 100, tcp: 40, dot: 40 };
const BEFORE = 1_000;
const AFTER = 2_000;
const PATIENCE = 2_000;
const LOOK = 20;

/** Kills a resolver under load and waits until both daemons of the leading node have noticed. */
export async function killResolver(lab: Lab, model: LoadBalancer, node: LabNode): Promise<ResolverKilled> {
  const pool = poolOf(model, "internal");
  const computedDetection = detectionTime(pool.healthCheck);
  const flows = await startTraffic(
    lab,
    SIDES.filter(({ frontend }) => frontend === "internal"),
    RATES,
  );
  await sleep(BEFORE);
  const watch = new DeathWatch(node, pool.name, VICTIM);
  const killedAt = Date.now();
  await lab.server(VICTIM).kill();
  while (!watch.over && Date.now() < killedAt + computedDetection + PATIENCE) {
    await sleep(LOOK);
    watch.look(Date.now() - killedAt);
  }
  await sleep(AFTER);
  const reports = await endTraffic(flows);
  const servers = pool.servers.map(({ name }) => name);
  return {
    server: VICTIM,
    computedDetection,
    seenDetection: watch.seen,
    flows: reports.map((flow) => {
      const seen = flow.transport === "udp" ? watch.seen.dnsdist : watch.seen.haproxy;
      const lostAfter = lostSince(flow, killedAt + Math.min(seen ?? computedDetection, computedDetection));
      return { ...accountOf(flow, servers), lostBefore: flow.report.lost - lostAfter, lostAfter };
    }),
  };
}

/** Shows what the death of the resolver cost. */
export function showResolverKilled({ server, computedDetection, seenDetection, flows }: ResolverKilled): string {
  const families = [...new Set(flows.map(({ family }) => family))];
  const rows = families.map((family) => [
    ...["internal", family],
    ...TRANSPORTS.flatMap(([transport]) => {
      const flow = flows.find((each) => each.family === family && each.transport === transport);
      return [flow?.sent, flow?.lostBefore, flow?.lostAfter];
    }),
  ]);
  const columns = TRANSPORTS.flatMap(([, name]) => [`${name} sent`, "before", "after"]);
  const { dnsdist, haproxy } = seenDetection;
  return [
    table(["frontend", "family", ...columns], rows),
    `before, after: lost before and after the death of ${server} was detected, which may take ${seconds(computedDetection)};`,
    `it took dnsdist (UDP) ${seconds(dnsdist)}, HAProxy (TCP, DoT) ${seconds(haproxy)}`,
  ].join("\n");
}

function seconds(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "never" : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function lostSince({ report: { lostAt, startedAt } }: FlowReport, time: number): number {
  return lostAt.filter((at) => startedAt + at >= time).length;
}

/** Reads in the logs of a node's daemons when they take a server for dead. */
class DeathWatch {
  readonly seen: { haproxy?: number; dnsdist?: number } = {};
  readonly #before: Readonly<Record<"haproxy" | "dnsdist", number>>;

  constructor(
    private readonly node: LabNode,
    private readonly pool: string,
    private readonly server: string,
  ) {
    this.#before = { haproxy: node.logs("haproxy").length, dnsdist: node.logs("dnsdist").length };
  }

  get over(): boolean {
    return this.seen.haproxy !== undefined && this.seen.dnsdist !== undefined;
  }

  look(now: number): void {
    if (this.#count("haproxy", `Server ${this.pool}/${this.server} is DOWN`) > 0) this.seen.haproxy ??= now;
    const udp = `Marking downstream ${this.pool}/${this.server} .* as 'down'`;
    if (this.#count("dnsdist", udp) > 0) this.seen.dnsdist ??= now;
  }

  #count(daemon: "haproxy" | "dnsdist", pattern: string): number {
    return this.node.logs(daemon).slice(this.#before[daemon]).match(new RegExp(pattern, "g"))?.length ?? 0;
  }
}
