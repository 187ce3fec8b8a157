import { hostCidr } from "../../core/ip.js";
import { command } from "./command.js";
import type { Host } from "./host.js";
import type { Hop, RouteListener } from "./route-watch.js";

/** Buckets of a group, and seconds after which a flow that has been idle may be moved to where there are too few. */
const BUCKETS = 128;
const IDLE = 60;
/** Before the routes of BIRD, which have 32. */
const METRIC = 1;
/** Ids of groups; those of next hops are lower. */
const FIRST_GROUP = 1_000;

/**
 * Resilient groups of next hops, which BIRD does not make: flows stay at their node when another one leaves or returns. Each
 * address has a route of its own before the one of BIRD, over the same next hops.
 *
 * @see https://docs.kernel.org/networking/nexthop-group-resilient.html
 */
export class ResilientGroups implements RouteListener {
  readonly #hops = new Map<string, number>();
  readonly #groups = new Map<string, number>();
  readonly #made = new Map<string, string>();

  constructor(private readonly host: () => Host) {}

  async changed(address: string, hops: readonly Hop[]): Promise<void> {
    const ids = hops.map((hop) => idOf(this.#hops, `${hop.gateway} ${hop.device}`, 1)).sort((a, b) => a - b);
    const members = ids.join("/");
    if ((this.#made.get(address) ?? "") === members) return;
    const group = idOf(this.#groups, address, FIRST_GROUP);
    const route = `route replace ${hostCidr(address)} nhid ${group} metric ${METRIC}`;
    const settings = `type resilient buckets ${BUCKETS} idle_timer ${IDLE} unbalanced_timer 0`;
    // The group goes with its route.
    const lines =
      members === ""
        ? [`nexthop delete id ${group}`]
        : [
            ...hops.map((hop) => hopLine(hop, idOf(this.#hops, `${hop.gateway} ${hop.device}`, 1))),
            `nexthop replace id ${group} group ${members} ${settings}`,
            route,
          ];
    const input = lines.map((line) => `${line}\n`).join("");
    await command(["ip", "-n", this.host().namespace, "-batch", "-"], { input });
    this.#made.set(address, members);
  }
}

function hopLine({ gateway, device }: Hop, id: number): string {
  return `nexthop replace id ${id} via ${gateway} dev ${device}`;
}

function idOf(ids: Map<string, number>, key: string, first: number): number {
  const id = ids.get(key) ?? first + ids.size;
  ids.set(key, id);
  return id;
}
