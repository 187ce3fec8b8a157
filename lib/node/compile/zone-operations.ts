import { call, constant, type DnsdistRule, type LuaCall } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
import { zoneServers } from "../../model/pool.js";
import { allOf, anyOf, from, over, REFUSE, rule } from "./dnsdist-terms.js";
import { transferPool } from "./names.js";
import type { Branch } from "./route.js";

/** A signature (RFC 8945): exactly one record of type TSIG, 250, in the additional section, 3. */
const SIGNED = call("RecordsTypeCountRule", 3, 250, 1, 1);

/**
 * dnsdist's rule that clears the RD bit of queries to authoritative servers, which must not recurse for clients; but not
 * of signed ones, whose signature would be wrong then.
 */
export function dnsdistRecursion({ name, pool, here }: Branch): DnsdistRule[] {
  if (pool.role !== "authoritative") return [];
  return [rule(`${name}: no recursion`, allOf(here, call("NotRule", SIGNED)), call("SetNoRecurseAction"))];
}

const REFRESH = call("QTypeRule", "SOA");
/** Selects questions for a whole zone, or for what has changed in it. */
export const TRANSFER = anyOf(call("QTypeRule", "AXFR"), call("QTypeRule", "IXFR"));
const NOTIFY = call("OpcodeRule", constant("DNSOpcode.Notify"));
const UPDATE = call("OpcodeRule", constant("DNSOpcode.Update"));

type Transport = "udp" | "tcp";

/**
 * dnsdist's rules for transfers (RFC 5936, RFC 1995): permitted ones go to the first server over TCP; all else is refused.
 * Only if TCP is inspected; otherwise the rules would apply to UDP only.
 */
export function dnsdistTransfers({ tcpPath }: Frontend, branch: Branch): DnsdistRule[] {
  if (tcpPath !== "inspected") return [];
  const { name, pool, here } = branch;
  const transfers: DnsdistRule[] = [];
  if (pool.zoneTransfer) {
    const permitted = from(pool.zoneTransfer.allowFrom);
    transfers.push(
      ...toFirst(branch, "transfers", "tcp", [here, TRANSFER, over("tcp"), permitted]),
      rule(`${name}: transfers over UDP`, allOf(here, TRANSFER, over("udp"), permitted), call("TCAction")),
    );
  }
  return [...transfers, rule(`${name}: other transfers`, allOf(here, TRANSFER), REFUSE)];
}

/** dnsdist's rules for NOTIFY (RFC 1996) and UPDATE (RFC 2136): permitted ones go to the first server; all else is refused. */
export function dnsdistWrites(branch: Branch): DnsdistRule[] {
  const { name, pool, here } = branch;
  const permitted = [
    ...(pool.notifyFrom === undefined ? [] : toFirstOver(branch, "NOTIFY", [here, NOTIFY, from(pool.notifyFrom)])),
    ...(pool.updateFrom === undefined ? [] : toFirstOver(branch, "UPDATE", [here, UPDATE, from(pool.updateFrom)])),
  ];
  const other = permitted.length === 0 ? "NOTIFY and UPDATE" : "other NOTIFY and UPDATE";
  return [...permitted, rule(`${name}: ${other}`, allOf(here, anyOf(NOTIFY, UPDATE)), REFUSE)];
}

/**
 * dnsdist's rules for the serial (RFC 1995, section 2), by which those who may transfer learn whether they need to: their
 * questions go to the first server too, while one is up, so that serials do not seem to decrease.
 */
export function dnsdistRefreshes({ tcpPath }: Frontend, { name, pool, here }: Branch): DnsdistRule[] {
  if (tcpPath !== "inspected" || pool.zoneTransfer === undefined) return [];
  const { allowFrom } = pool.zoneTransfer;
  return (["udp", "tcp"] as const).flatMap((transport) =>
    zoneServers(pool).map((server, place) => {
      const target = transferPool(pool, transport, place);
      return rule(
        `${name}: serials over ${transport.toUpperCase()} from ${server}`,
        allOf(here, REFRESH, over(transport), from(allowFrom), call("PoolAvailableRule", target)),
        call("PoolAction", target),
      );
    }),
  );
}

function toFirstOver(branch: Branch, what: string, conditions: readonly LuaCall[]): DnsdistRule[] {
  return (["udp", "tcp"] as const).flatMap((transport) =>
    toFirst(branch, `${what} over ${transport.toUpperCase()}`, transport, [...conditions, over(transport)]),
  );
}

/** Rules that send messages to the first of the zones' servers that is up; to the first of all while none is. */
function toFirst(
  { name, pool }: Branch,
  what: string,
  transport: Transport,
  conditions: readonly LuaCall[],
): DnsdistRule[] {
  const servers = zoneServers(pool);
  const [first = ""] = servers;
  const target = (place: number) => transferPool(pool, transport, place);
  if (servers.length === 1) {
    return [rule(`${name}: ${what} to ${first}`, allOf(...conditions), call("PoolAction", target(0)))];
  }
  return [
    ...servers.map((server, place) =>
      rule(
        `${name}: ${what} to ${server}`,
        allOf(...conditions, call("PoolAvailableRule", target(place))),
        call("PoolAction", target(place)),
      ),
    ),
    rule(`${name}: ${what} when all is down`, allOf(...conditions), call("PoolAction", target(0))),
  ];
}
