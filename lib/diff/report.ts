import { sharedAddressesOf } from "../model/load-balancer.js";
import type { LoadBalancerRecord, NodeRecord, ServerRecord } from "../review/index.js";
import { clientChanges, comparedFrontends } from "./clients.js";
import { bullets, code, codes, comment } from "./markdown.js";
import { compareNamed } from "./named.js";
import { awayNodes, COST_OF_SERVER, costOfRestart, type NodeCosts, nodeCosts } from "./node-costs.js";
import { terraformChanges } from "./replacements.js";
import { serverChanges } from "./servers.js";
import { loadBalancerSettings, serverSettings } from "./settings.js";
import type { Reviewed, Synthesis } from "./synthesis.js";

/** What a change means, in words. */
export interface Report {
  readonly markdown: string;
  /** Whether a daemon restarts, or something is made anew or removed. */
  readonly disturbs: boolean;
}

/** What a change means for one thing. */
interface Part {
  readonly lines: readonly string[];
  readonly disturbs: boolean;
}

/** Compares two syntheses. Same input, same words. */
export function reportOf(before: Synthesis, after: Synthesis): Report {
  const { replaced, gone, made, unknown } = terraformChanges(before, after);
  const parts = [
    ...partsOf(before.loadBalancers, after.loadBalancers, LOAD_BALANCER),
    ...partsOf(before.servers, after.servers, SERVER),
  ];
  const disturbs = replaced.length + gone.length > 0 || parts.some((part) => part.disturbs);
  const body = [
    ...bullets("Replaced", replaced),
    ...bullets("Made and removed", [...gone, ...made]),
    ...parts.flatMap(({ lines }) => lines),
  ];
  const missing = unknown.map(
    (stack) => `stack ${code(stack)} has no \`cdk.tf.json\`: what Terraform replaces is not told`,
  );
  const unsaid = unknown.length === 0 ? ", nothing is replaced" : "";
  const verdict = disturbs ? "something restarts, is replaced or removed" : `nothing restarts${unsaid}`;
  const head = `## DNS load balancers: ${body.length === 0 ? "no change" : verdict}`;
  return { markdown: comment([head, "", ...body, ...bullets("Not compared", missing)]), disturbs };
}

/** How things of one kind are compared. */
interface Comparison<R extends LoadBalancerRecord | ServerRecord> {
  readonly added: string;
  readonly removed: string;
  /** What is equal for a thing that has only got another name. */
  readonly sameness: (record: R) => string;
  readonly compare: (before: Reviewed<R>, after: Reviewed<R>) => Part;
}

type Named<R extends LoadBalancerRecord | ServerRecord> = readonly [name: string, reviewed: Reviewed<R>];

function partsOf<R extends LoadBalancerRecord | ServerRecord>(
  before: ReadonlyMap<string, Reviewed<R>>,
  after: ReadonlyMap<string, Reviewed<R>>,
  { added, removed, sameness, compare }: Comparison<R>,
): readonly Part[] {
  const changes = compareNamed<Named<R>>(
    [...before],
    [...after],
    ([name]) => name,
    ([name, { record }]) => JSON.stringify([name.split("/")[0], sameness(record)]),
  );
  const whole = (text: string, [name]: Named<R>, disturbs: boolean) => ({ name, lines: [text, ""], disturbs });
  const found = [
    ...changes.removed.map((each) => whole(removed, each, true)),
    ...changes.added.map((each) => whole(added, each, false)),
    ...changes.kept.map(([[old, was], [name, is]]) => {
      const { lines, disturbs } = compare(was, is);
      const renamed = old === name ? [] : [`It was ${code(old)} before.`, ""];
      return { name, lines: [...renamed, ...lines], disturbs };
    }),
  ];
  return found
    .filter(({ lines }) => lines.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, lines, disturbs }) => ({ lines: [`### ${code(name)}`, "", ...lines], disturbs }));
}

const LOAD_BALANCER: Comparison<LoadBalancerRecord> = {
  added: "The load balancer is new.",
  removed: "The load balancer is gone: **nobody is served by it any more**.",
  sameness: ({ nodes }) => nodes.map(({ name }) => name).join(),
  compare: ({ record: old, nodes: oldNodes }, { record: now, nodes }) => {
    const costs = nodeCosts(oldNodes, nodes, { cost: costOfRestart(old, now), away: awayNodes(now) });
    const { refused, served, rules, limits, routes } = clientChanges(old, now);
    const { added, removed } = compareNamed<NodeRecord>(old.nodes, now.nodes, ({ name }) => name);
    const lines = [
      ...bullets("Restarts", costs.restarts),
      ...bullets("Starts", costs.starts),
      ...bullets("Nodes", [
        ...removed.map(({ name }) => `node ${code(name)} is gone`),
        ...added.map(({ name }) => `node ${code(name)} is new`),
      ]),
      ...bullets("Addresses", addressChanges(old, now)),
      ...bullets("Renamed", renames(old, now)),
      ...bullets("Servers", serverChanges(old, now)),
      ...bullets("Refused now", refused),
      ...bullets("Served now", served),
      ...bullets("Access rules", rules),
      ...bullets("Limits", limits),
      ...bullets("Routes", routes),
      ...loadBalancerSettings(old, now),
      ...fileLines(costs),
    ];
    return { lines, disturbs: costs.restarts.length + removed.length > 0 };
  },
};

const SERVER: Comparison<ServerRecord> = {
  added: "The server is new.",
  removed: "The server is gone.",
  sameness: ({ kind, node }) => `${kind} ${node.name}`,
  compare: ({ record: old, nodes: oldNodes }, { record: now, nodes }) => {
    const costs = nodeCosts(oldNodes, nodes, { cost: COST_OF_SERVER, away: [] });
    const lines = [
      ...bullets("Restarts", costs.restarts),
      ...bullets("Starts", costs.starts),
      ...serverSettings(old, now),
      ...fileLines(costs),
    ];
    return { lines, disturbs: costs.restarts.length > 0 };
  },
};

function fileLines({ restarts, files, waiting }: NodeCosts): readonly string[] {
  return [...bullets(restarts.length > 0 ? "Files" : "Loaded without a restart", files), ...bullets("Later", waiting)];
}

/** What a change means for the addresses that nodes share. */
function addressChanges(old: LoadBalancerRecord, now: LoadBalancerRecord): readonly string[] {
  const [before, after] = [old, now].map(sharedAddressesOf) as [readonly string[], readonly string[]];
  const gone = before.filter((address) => !after.includes(address));
  const fresh = after.filter((address) => !before.includes(address));
  const [was, is] = [old, now].map(({ mobility: { kind } }) => MOBILITIES[kind]);
  return [
    ...(was === is ? [] : [`addresses are ${is} now, before ${was}`]),
    ...(gone.length === 0 ? [] : [`**its nodes have ${codes(gone)} no more**`]),
    ...(fresh.length === 0 ? [] : [`its nodes have ${codes(fresh)} now`]),
  ];
}

const MOBILITIES: Readonly<Record<LoadBalancerRecord["mobility"]["kind"], string>> = {
  fixed: "each node's own",
  vrrp: "moved between the nodes by VRRP",
  bgp: "announced to routers by BGP",
};

function renames(old: LoadBalancerRecord, now: LoadBalancerRecord): readonly string[] {
  return comparedFrontends(old, now)
    .kept.filter(([was, is]) => was.name !== is.name)
    .map(([was, is]) => `frontend ${code(was.name)} is ${code(is.name)} now`);
}
