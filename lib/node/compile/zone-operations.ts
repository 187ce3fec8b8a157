import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Frontend } from "../../model/frontend.js";
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
const TRANSFER = anyOf(call("QTypeRule", "AXFR"), call("QTypeRule", "IXFR"));

/**
 * dnsdist's rules for transfers (RFC 5936, RFC 1995), NOTIFY and UPDATE: permitted transfers go to the primary over
 * TCP; all else is refused. Only if TCP is inspected; otherwise the rules would apply to UDP only.
 */
export function dnsdistZoneOperations({ tcpPath }: Frontend, { name, pool, here }: Branch): DnsdistRule[] {
  if (tcpPath !== "inspected") return [];
  const transfers: DnsdistRule[] = [];
  if (pool.zoneTransfer) {
    const permitted = from(pool.zoneTransfer.allowFrom);
    const { primary } = pool.zoneTransfer;
    transfers.push(
      rule(
        `${name}: transfers to ${primary}`,
        allOf(here, TRANSFER, over("tcp"), permitted),
        call("PoolAction", transferPool(pool)),
      ),
      rule(`${name}: transfers over UDP`, allOf(here, TRANSFER, over("udp"), permitted), call("TCAction")),
    );
  }
  return [
    ...transfers,
    rule(`${name}: other transfers`, allOf(here, TRANSFER), REFUSE),
    rule(
      `${name}: NOTIFY and UPDATE`,
      allOf(
        here,
        anyOf(call("OpcodeRule", constant("DNSOpcode.Notify")), call("OpcodeRule", constant("DNSOpcode.Update"))),
      ),
      REFUSE,
    ),
  ];
}

/**
 * dnsdist's rules for the serial (RFC 1995, section 2), by which those who may transfer learn whether they need to: their
 * questions go to the primary too, while it is up, so that serials do not seem to decrease.
 */
export function dnsdistRefreshes({ tcpPath }: Frontend, { name, pool, here }: Branch): DnsdistRule[] {
  if (tcpPath !== "inspected" || pool.zoneTransfer === undefined) return [];
  const { primary, allowFrom } = pool.zoneTransfer;
  return (["udp", "tcp"] as const).map((transport) => {
    const target = transferPool(pool, transport);
    return rule(
      `${name}: serials over ${transport.toUpperCase()} from ${primary}`,
      allOf(here, REFRESH, over(transport), from(allowFrom), call("PoolAvailableRule", target)),
      call("PoolAction", target),
    );
  });
}
