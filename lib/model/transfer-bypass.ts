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
  const pools = withFallback(frontend.pool).filter(({ clientAddress, zoneTransfer, updateFrom }) => {
    return clientAddress === "hidden" && zoneTransfer === undefined && updateFrom === undefined;
  });
  if (pools.length === 0) return [];
  const reasonOf = reasonsBehind(loadBalancer, frontend);
  const bypasses: TransferBypass[] = [];
  for (const pool of pools) {
    for (const server of pool.servers) {
      const reason = reasonOf({ pool, server });
      if (reason !== undefined) bypasses.push({ pool, server, ...reason });
    }
  }
  return bypasses;
}

interface Member {
  readonly pool: Pool;
  readonly server: PoolMember;
}

/** Tells why a server would take a client of the frontend for the load balancer and serve it; undefined if it would not. */
function reasonsBehind(
  loadBalancer: LoadBalancerPlan,
  { allowFrom }: PlannedFrontend,
): (member: Member) => Pick<TransferBypass, "reason" | "harm"> | undefined {
  const pools = poolsOf(loadBalancer);
  const trusting = (sourcesOf: (pool: Pool) => readonly string[] | undefined) =>
    sameServerIn(
      pools.filter((pool) => {
        const sources = sourcesOf(pool);
        return sources !== undefined && !isWithin(allowFrom, sources);
      }),
    );
  const givingPool = trusting(({ zoneTransfer }) => zoneTransfer?.allowFrom);
  const takingPool = trusting(({ updateFrom }) => updateFrom);
  const ownAddresses = loadBalancer.nodes.flatMap(ownAddressesOf);
  return (member) => {
    const giving = givingPool(member);
    if (giving !== undefined) {
      const reason = `which gives its zones to the load balancer for the 'zoneTransfer' of pool "${giving.name}"`;
      return { reason, harm: "transfer" };
    }
    const taking = takingPool(member);
    if (taking !== undefined) {
      const reason = `which takes updates from the load balancer for the 'updateFrom' of pool "${taking.name}"`;
      return { reason, harm: "change" };
    }
    const { transfersTo } = member.server.deployed ?? {};
    if (transfersTo === undefined) return undefined;
    const own = ownAddresses.find((address) => transfersTo.some((network) => contains(network, address)));
    if (own === undefined || isWithin(allowFrom, transfersTo)) return undefined;
    const reason = `which lets ${own}, an address of the load balancer, transfer its zones without a key`;
    return { reason, harm: "transfer" };
  };
}

/** Finds the first of the pools that has the server of a member, too. */
function sameServerIn(pools: readonly Pool[]): (member: Member) => Pool | undefined {
  if (pools.length === 0) return () => undefined;
  const byAddress = new Map<string, Member[]>();
  for (const pool of pools) {
    for (const server of pool.servers) {
      const address = canonicalAddress(server.address);
      const here = byAddress.get(address);
      if (here === undefined) byAddress.set(address, [{ pool, server }]);
      else here.push({ pool, server });
    }
  }
  return (member) =>
    byAddress.get(canonicalAddress(member.server.address))?.find((other) => isSame(member, other))?.pool;
}

/** Whether two members of pools at one address are one server: at one port, or with a zone that both pools have. */
function isSame(one: Member, other: Member): boolean {
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
