import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../../../examples/docker-pair/settings.js";
import { type Bound, none } from "../../../../scripts/figures/bounds.js";
import { endTraffic, type FlowReport, type Rates } from "../flows.js";
import { nothingLost, type Outcome, showFlows } from "../outcome.js";
import { OUTSIDE_RESOLVER } from "../outside-resolver.js";
import { PAIR, type Site } from "../site.js";
import { BANNED, startTraffic } from "../traffic.js";

/** Dead all the while. */
const DEAD = "resolver2";
/** Queries over UDP, and over TCP, that each kind of change must be seen under. */
const AT_LEAST = 10_000;
const RATES: Rates = { udp: 45, tcp: 12, "persistent-tcp": 33, dot: 3, "persistent-dot": 10 };
const PER_SECOND = 4 * RATES.udp;

interface Kind {
  readonly name: string;
  /** The settings of the first, second and third change. */
  readonly changes: readonly Partial<Settings>[];
  /** What else is done before each. */
  readonly before?: (site: Site) => Promise<void>;
}

interface Change {
  readonly kind: string;
  readonly seconds: readonly number[];
  readonly flows: readonly FlowReport[];
  readonly banned: { readonly sent: number; readonly notRefused: number };
  readonly replacedNodes: readonly string[];
  readonly failed: number;
}

/** Changes the configuration in five ways, several times each, under load, while a server is dead. */
export async function changes(site: Site, times: number, isLast: boolean): Promise<Outcome> {
  await site.node(DEAD).hold("unbound");
  await sleep(5_000);
  const { settings } = site;
  const done: Change[] = [];
  for (const kind of kinds(site)) done.push(await change(site, kind, times));
  await site.node(DEAD).release("unbound");
  // What comes afterwards is measured with the example as it is, however many of the changes were made.
  if (!isLast) {
    await site.deploy(settings);
    await site.settle();
  }
  return {
    figures: done,
    text: showFlows(
      done.map(({ kind, flows }) => [kind, flows]),
      "changed",
    ),
    bounds: done.flatMap(boundsOf),
  };
}

function kinds({ settings }: Site): readonly Kind[] {
  const { internal, connections, probeInterval } = settings;
  const more = [...internal, "172.30.53.55"];
  return [
    {
      name: "servers",
      changes: [{ otherResolvers: [OUTSIDE_RESOLVER] }, { otherResolvers: [] }, { otherResolvers: [OUTSIDE_RESOLVER] }],
    },
    { name: "limit", changes: [{ connections: "1200/10s" }, { connections: "1300/10s" }, { connections }] },
    { name: "health check", changes: [{ probeInterval: "2s" }, { probeInterval: "3s" }, { probeInterval }] },
    { name: "certificate", changes: [{}, {}, {}], before: (site) => site.renewCertificate() },
    { name: "virtual address", changes: [{ internal: more }, { internal }, { internal: more }] },
  ];
}

async function change(site: Site, kind: Kind, times: number): Promise<Change> {
  const nodes = () => Promise.all(site.pair.map((node) => node.created()));
  const before = await nodes();
  const flows = await startTraffic(site, RATES);
  const [server = ""] = site.settings.internal;
  const banned = await site.client(BANNED).load({ name: "whoami.home.arpa", type: "TXT", server, rate: 20 });
  const started = performance.now();
  await sleep(1_000);
  const seconds: number[] = [];
  let failed = 0;
  for (const settings of kind.changes.slice(0, times)) {
    await kind.before?.(site);
    const deployment = await site.deploy(settings);
    seconds.push(deployment.seconds);
    if (deployment.code !== 0) failed += 1;
  }
  await sleep(Math.max(1_000, ((AT_LEAST * times) / 3 / PER_SECOND) * 1_000 - (performance.now() - started) + 500));
  const reports = await endTraffic(flows);
  const { sent, byRcode } = await banned.stop();
  const after = await nodes();
  return {
    ...{ kind: kind.name, seconds, flows: reports, failed },
    banned: { sent, notRefused: sent - (byRcode["REFUSED"] ?? 0) },
    replacedNodes: PAIR.filter((_, index) => before[index] !== after[index]),
  };
}

function boundsOf({ kind, flows, banned, replacedNodes, failed }: Change): readonly Bound[] {
  const what = `changed ${kind}`;
  return [
    none(`${what}: deployments that failed`, failed),
    ...nothingLost(what, flows),
    none(`${what}: queries past an access rule`, banned.sent === 0 ? undefined : banned.notRefused),
    none(`${what}: nodes replaced`, replacedNodes.length),
  ];
}
