import { canonicalAddress, cidrContains, cidrWithin, familyOf } from "../core/ip.js";
import { type LoadBalancerPlan, type PlannedFrontend, poolsOf } from "./load-balancer.js";
import { ownAddressesOf } from "./node.js";
import { type Pool, withFallback } from "./pool.js";
import type { PoolMember } from "./pool-member.js";

/** A server that takes the clients of a direct TCP path for the load balancer, and lets them transfer its zones. */
export interface TransferBypass {
  readonly pool: Pool;
  readonly server: PoolMember;
  /** Why it would, as a clause that follows the server. */
  readonly reason: string;
}

/** The servers behind a frontend that would give their zones to all of its clients, if HAProxy passed connections on unread. */
export function transferBypasses(loadBalancer: LoadBalancerPlan, frontend: PlannedFrontend): readonly TransferBypass[] {
  return withFallback(frontend.pool)
    .filter(({ clientAddress, zoneTransfer }) => clientAddress === "hidden" && zoneTransfer === undefined)
    .flatMap((pool) =>
      pool.servers.flatMap((server) => {
        const reason = reasonOf(loadBalancer, frontend, pool, server);
        return reason === undefined ? [] : [{ pool, server, reason }];
      }),
    );
}

/** Why the server would take a client for the load balancer and let it transfer; undefined if it would not. */
function reasonOf(
  loadBalancer: LoadBalancerPlan,
  frontend: PlannedFrontend,
  pool: Pool,
  server: PoolMember,
): string | undefined {
  const trusting = poolsOf(loadBalancer).find(
    (other) =>
      other.zoneTransfer !== undefined &&
      !isWithin(frontend.allowFrom, other.zoneTransfer.allowFrom) &&
      other.servers.some((each) => isSame({ pool, server }, { pool: other, server: each })),
  );
  if (trusting !== undefined)
    return `which gives its zones to the load balancer for the 'zoneTransfer' of pool "${trusting.name}"`;
  const { transfersTo = [] } = server.deployed ?? {};
  const own = loadBalancer.nodes
    .flatMap(ownAddressesOf)
    .find((address) => transfersTo.some((network) => contains(network, address)));
  if (own === undefined || isWithin(frontend.allowFrom, transfersTo)) return undefined;
  return `which lets ${own}, an address of the load balancer, transfer its zones without a key`;
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
