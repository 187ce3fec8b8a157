import {
  call,
  type DnsdistPolicy,
  type DnsdistPoolPolicy,
  type DnsdistRule,
  type DnsdistServer,
  type DnsdistServerOptions,
  list,
} from "../../../lib/config/dnsdist/index.js";

/** One of the DNS servers of a `DnsdistNode`, by its address. */
export function server(
  octet: number,
  pools: readonly string[],
  options: Partial<DnsdistServerOptions> = {},
): DnsdistServer {
  const probe = { checkName: "probe.test.", checkInterval: 1, maxCheckFailures: 2, rise: 1, mustResolve: true };
  return {
    id: `s${octet}`,
    pools,
    options: { address: `10.9.0.${octet}:5300`, name: `s${octet}`, ...probe, ...options },
  };
}

/** Queries of one name. */
export const name = (qname: string) => call("QNameRule", qname);
/** All queries to a pool, be its servers up or not. */
export const toPool = (pool: string): DnsdistRule[] => [
  { name: `${pool} up`, rule: call("PoolAvailableRule", pool), action: call("PoolAction", pool) },
  { name: `${pool} down`, rule: call("AllRule"), action: call("PoolAction", `${pool}:all`) },
];
export const rest: DnsdistRule = { name: "rest", rule: call("AllRule"), action: call("DropAction") };

/** A pool of these servers for all queries, after some hundred rules that match none. */
export function simple(
  octets: readonly number[],
  policy: DnsdistPoolPolicy = "roundRobin",
  rules = 500,
): DnsdistPolicy {
  const fillers = Array.from(
    { length: rules },
    (_, at): DnsdistRule => ({
      name: `filler ${at}`,
      rule: call(
        "AndRule",
        list(call("NetmaskGroupRule", call("netmasks", list(`10.9.${at % 256}.0/24`)), false), name(`n${at}.invalid.`)),
      ),
      action: call("DropAction"),
    }),
  );
  return {
    servers: octets.map((octet) => server(octet, ["p", "p:all"])),
    pools: [
      { name: "p", policy },
      { name: "p:all", policy: "sendAnyway" },
    ],
    rules: [...fillers, ...toPool("p"), rest],
  };
}
