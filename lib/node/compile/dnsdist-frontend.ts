import { call, type DnsdistRule, type LuaCall } from "../../config/dnsdist/model.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import type { Frontend } from "../../model/frontend.js";
import { listenersOf } from "../../model/listener.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import { dnsPortsOf } from "../../model/node-port.js";
import { allOf, DROP, rule, to, toPorts } from "./dnsdist-terms.js";

/*
 * How dnsdist tells frontends apart: by their addresses; where a frontend does not listen on port 53, by its ports, too,
 * because another may have the same address. `dnsdistPorts` drops what comes to a port that nobody has on that address, so
 * that frontends on port 53 need no more than their addresses if their rules come last.
 */

/** Selects queries to a frontend; with a PROXY header, by the destination in it. */
export function toFrontend(frontend: Frontend): LuaCall {
  const { addresses } = frontend;
  return isOnDnsPort(frontend) ? to(addresses) : allOf(to(addresses), toPorts(portsOf(frontend)));
}

/** The rules that drop queries to the ports of other addresses; none where all frontends listen on one port. */
export function dnsdistPorts(loadBalancer: LoadBalancer): DnsdistRule[] {
  if (dnsPortsOf(loadBalancer).length === 1) return [];
  const { frontends } = loadBalancer;
  const addressesByPorts = new Map<string, { ports: readonly number[]; addresses: string[] }>();
  for (const address of new Set(frontends.flatMap(({ addresses }) => addresses))) {
    const here = frontends.filter(({ addresses }) => addresses.includes(address));
    const ports = [...new Set(here.flatMap(portsOf))].sort((a, b) => a - b);
    const key = ports.join(" ");
    const { addresses } = addressesByPorts.get(key) ?? { addresses: [] };
    addressesByPorts.set(key, { ports, addresses: [...addresses, address] });
  }
  return [...addressesByPorts.entries()].map(([key, { ports, addresses }]) =>
    rule(`ports other than ${key}`, allOf(to(addresses), call("NotRule", toPorts(ports))), DROP),
  );
}

/** Whether a frontend listens on port 53 alone. */
export function isOnDnsPort(frontend: Frontend): boolean {
  return listenersOf(frontend, "dns").every(({ port }) => port === DNS_PORT);
}

function portsOf({ listeners }: Frontend): readonly number[] {
  return listeners.map(({ port }) => port);
}
