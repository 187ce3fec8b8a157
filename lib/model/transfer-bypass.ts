import { canonicalAddress, cidrContains, cidrWithin, familyOf } from "../core/ip.js";
import { type LoadBalancerPlan, type PlannedFrontend, poolsOf } from "./load-balancer.js";
import { ownAddressesOf } from "./node.js";
import { type Pool, withFallback } from "./pool.js";
import type { PoolMember } from "./pool-member.js";

/** A server that takes the clients of a direct TCP path for the load balancer, and lets them transfer or change its zones. */
export interface TransferBypass {
  readonly pool: Pool;
  readonly server: PoolMember;
  /** Why it would, as a clause that follows the server. */
  readonly reason: string;
  /** What all clients could do then. */
  readonly harm: "transfer" | "change";
}

/** The servers behind a frontend that would serve all of its clients as they serve the load balancer, if HAProxy passed connections on unread. */
export function transferBypasses(loadBalancer: LoadBalancerPlan, frontend: PlannedFrontend): readonly TransferBypass[] {
  return withFallback(frontend.pool)
    .filter(({ clientAddress, zoneTransfer, updateFrom }) => {
      return clientAddress === "hidden" && zoneTransfer === undefined && updateFrom === undefined;
    })
    .flatMap((pool) =>
      pool.servers.flatMap((server) => {
        const reason = reasonOf(loadBalancer, frontend, pool, server);
        return reason === undefined ? [] : [{ pool, server, ...reason }];
      }),
    );
}

/** Why the server would take a client for the load balancer and serve it; undefined if it would not. */
function reasonOf(
  loadBalancer: LoadBalancerPlan,
  frontend: PlannedFrontend,
  pool: Pool,
  server: PoolMember,
): Pick<TransferBypass, "reason" | "harm"> | undefined {
  const trusting = (sourcesOf: (other: Pool) => readonly string[] | undefined) =>
    poolsOf(loadBalancer).find((other) => {
      const sources = sourcesOf(other);
      return (
        sources !== undefined &&
        !isWithin(frontend.allowFrom, sources) &&
        other.servers.some((each) => isSame({ pool, server }, { pool: other, server: each }))
      );
    });
  const giving = trusting(({ zoneTransfer }) => zoneTransfer?.allowFrom);
  if (giving !== undefined) {
    const reason = `which gives its zones to the load balancer for the 'zoneTransfer' of pool "${giving.name}"`;
    return { reason, harm: "transfer" };
  }
  const taking = trusting(({ updateFrom }) => updateFrom);
  if (taking !== undefined) {
    const reason = `which takes updates from the load balancer for the 'updateFrom' of pool "${taking.name}"`;
    return { reason, harm: "change" };
  }
  const { transfersTo = [] } = server.deployed ?? {};
  const own = loadBalancer.nodes
    .flatMap(ownAddressesOf)
    .find((address) => transfersTo.some((network) => contains(network, address)));
  if (own === undefined || isWithin(frontend.allowFrom, transfersTo)) return undefined;
  const reason = `which lets ${own}, an address of the load balancer, transfer its zones without a key`;
  return { reason, harm: "transfer" };
}

interface Member {
  readonly pool: Pool;
  readonly server: PoolMember;
}

/** Whether two members of pools are one server: at one port, or at one address with a zone that both pools have. */
function isSame(one: Member, other: Member): boolean {
  if (canonicalAddress(one.server.address) !== canonicalAddress(other.server.address)) return false;
  if (one.server.port === other.server.port) return true;
  const zones = one.pool.zones.map((zone) => zone.toLowerCase());
  return other.pool.zones.some((zone) => zones.includes(zone.toLowerCase()));
}

function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((network) => outer.some((each) => cidrWithin(network, each)));
}

function contains(network: string, address: string): boolean {
  return familyOf(network.split("/")[0] ?? "") === familyOf(address) && cidrContains(network, address);
}
