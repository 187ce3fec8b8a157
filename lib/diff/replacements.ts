import { isDeepStrictEqual } from "node:util";
import { code, codes } from "./markdown.js";
import { COST_OF_SERVER, canMove } from "./node-costs.js";
import { isHost, isLoader, nodePathsOf, type Resource } from "./resource.js";
import type { Synthesis } from "./synthesis.js";

/*
 * What Terraform makes anew, makes or removes, and what that costs.
 */

/** What Terraform does with containers, networks, volumes and hosts. */
export interface TerraformChanges {
  readonly replaced: readonly string[];
  readonly gone: readonly string[];
  readonly made: readonly string[];
  /** The stacks of which nothing can be said. */
  readonly unknown: readonly string[];
}

type Resources = Synthesis["resources"];

/** Compares the resources of two syntheses. */
export function terraformChanges(before: Synthesis, after: Synthesis): TerraformChanges {
  const unknown = [...new Set([...before.unknown, ...after.unknown])].sort();
  const known = ({ resources }: Synthesis): Resources =>
    new Map([...resources].filter(([, { stack }]) => !unknown.includes(stack)));
  const [old, now] = [known(before), known(after)];
  const missing = (one: Resources, other: Resources) =>
    [...one].filter(([address, each]) => !other.has(address) && isPlace(each)).map(([, { path }]) => code(path));
  return {
    replaced: replacements(old, now, workloadsOf(after)),
    gone: missing(old, now).map((path) => `${path} is removed`),
    made: missing(now, old).map((path) => `${path} is made`),
    unknown,
  };
}

function isPlace(resource: Resource): boolean {
  const { type } = resource;
  return (type === "docker_container" && !isLoader(resource)) || type === "docker_network" || isHost(resource);
}

/** What a node runs: which load balancer or server, and what it costs that its container is made anew. */
interface Workload {
  readonly name: string;
  readonly cost: string;
}

/** By the names of nodes. Of two nodes of one name, that of the load balancer costs more. */
function workloadsOf({ loadBalancers, servers }: Synthesis): ReadonlyMap<string, Workload> {
  const ofServers = [...servers].map(([name, { record }]): readonly [string, Workload] => [
    record.node.name,
    { name, cost: COST_OF_SERVER },
  ]);
  const ofBalancers = [...loadBalancers].flatMap(([name, { record }]) => {
    const cost = canMove(record)
      ? "its addresses move, and connections that stay are reset"
      : "**no other node serves meanwhile**";
    return record.nodes.map((node): readonly [string, Workload] => [node.name, { name, cost }]);
  });
  return new Map([...ofServers, ...ofBalancers]);
}

function replacements(before: Resources, after: Resources, workloads: ReadonlyMap<string, Workload>) {
  const nodes = nodePathsOf(before.values());
  const found = [...before].flatMap(([address, old]) => {
    const now = after.get(address);
    const reason = now === undefined ? undefined : replacementOf(old, now);
    if (reason === undefined) return [];
    const workload = nodes.has(old.path) ? workloads.get(String(old.attributes["hostname"])) : undefined;
    return [{ resource: old, reason, workload }];
  });
  return found.map(({ resource: { path, stack }, reason, workload }) => {
    const together = found.filter((each) => each.workload?.name === workload?.name && each.resource.stack === stack);
    const others = workload === undefined ? 0 : together.length - 1;
    const atOnce = others > 0 ? `; **${others} more of stack ${code(stack)} may be at the same time**` : "";
    return `${code(path)}: ${reason}${workload === undefined ? "" : `: ${workload.cost}`}${atOnce}`;
  });
}

/** What the provider changes in place, and what is no part of a container. */
const IN_PLACE = [
  ...["memory", "memory_swap", "restart", "destroy_grace_seconds", "must_run", "attach", "logs"],
  ...["depends_on", "lifecycle"],
];

function replacementOf(old: Resource, now: Resource): string | undefined {
  const ignored = new Set([...IN_PLACE, ...ignoredChanges(now)]);
  const changed = [...new Set([...Object.keys(old.attributes), ...Object.keys(now.attributes)])]
    .filter((name) => !ignored.has(name) && !isDeepStrictEqual(old.attributes[name], now.attributes[name]))
    .sort();
  if (changed.length === 0 || isLoader(old)) return undefined;
  switch (old.type) {
    case "docker_container":
      return `the container is replaced, because of ${codes(changed)}`;
    case "docker_network":
      return `the network is replaced, with the containers in it, because of ${codes(changed)}`;
    case "docker_volume":
      return `the volume is replaced, with what is in it, because of ${codes(changed)}`;
    default:
      return isHost(old) ? hostReplacementOf(old, now) : undefined;
  }
}

/** The attributes whose changes Terraform is told to ignore. */
function ignoredChanges({ attributes }: Resource): readonly string[] {
  const { ignore_changes: names } = (attributes["lifecycle"] ?? {}) as { readonly ignore_changes?: unknown };
  return Array.isArray(names) ? names.map(String) : [];
}

function hostReplacementOf(old: Resource, now: Resource): string | undefined {
  const [before, after] = [old, now].map(
    ({ attributes }) => (attributes["triggers_replace"] ?? {}) as Readonly<Record<string, unknown>>,
  );
  // Nothing reaches a host that is out of service.
  if (after?.["out_of_service"] === true) return undefined;
  const isAnother = (name: string) => !isDeepStrictEqual(before?.[name], after?.[name]);
  const reasons = [
    ...(isAnother("machine") ? ["it is another machine"] : []),
    ...(isAnother("bootstrap") ? ["the agent is another, and daemons whose units changed restart, drained"] : []),
    ...(isAnother("options") ? [`with ${code(String(after?.["options"]))}`] : []),
  ];
  return reasons.length === 0 ? undefined : `the host is made a node again: ${reasons.join("; ")}`;
}
