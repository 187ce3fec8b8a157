import * as ipaddr from "ipaddr.js";
import { kindOf, MEANING } from "../../core/address-kind.js";
import { canonicalAddress, cidrContains, type Family } from "../../core/ip.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import { LabError } from "./errors.js";

/** Refuses virtual addresses that no node can hold, before anything is started: the kernel would refuse queries to them. */
export function checkVirtualAddresses(loadBalancers: readonly LoadBalancer[]): void {
  for (const { name, virtualAddresses } of loadBalancers) {
    for (const { address } of virtualAddresses) {
      const kind = kindOf(address);
      if (kind === "unicast") continue;
      throw new LabError(
        `load balancer "${name}" has the virtual address ${address}, ${MEANING[kind]}; no node can hold it`,
      );
    }
  }
}

/** Networks for clients in wide networks such as 0.0.0.0/0: those for benchmarks and documentation. */
const SAMPLES: Readonly<Record<Family, string>> = { ipv4: "198.18.0.0/24", ipv6: "2001:db8:5a::/120" };
const TRIES = 250;

/** Picks an unused address of a family in some networks; undefined if there is none. */
export function pickAddress(
  family: Family,
  networks: readonly string[],
  isTaken: (address: string) => boolean,
): string | undefined {
  for (const network of networks) {
    const [base, bits] = ipaddr.parseCIDR(network);
    if (base.kind() !== family) continue;
    const [sample] = ipaddr.parseCIDR(SAMPLES[family]);
    const wide = cidrContains(network, sample.toString());
    const candidates = wide ? fromEnd(SAMPLES[family]) : fromEnd(`${base.toString()}/${bits}`);
    const free = candidates.find((candidate) => !isTaken(candidate));
    if (free !== undefined) return free;
  }
  return undefined;
}

/** The last addresses of a network without the broadcast address, or the only address. */
function fromEnd(network: string): string[] {
  const [base, bits] = ipaddr.parseCIDR(network);
  const bytes = base.toByteArray();
  const size = 2n ** BigInt(bytes.length * 8 - bits);
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = value - (value % size);
  if (size === 1n) return [canonicalAddress(base.toString())];
  const found: string[] = [];
  for (let last = first + size - 2n; last > first && found.length < TRIES; last -= 1n) {
    const next = bytes.map((_, index) => Number((last >> BigInt((bytes.length - 1 - index) * 8)) & 255n));
    found.push(canonicalAddress(ipaddr.fromByteArray(next).toString()));
  }
  return found;
}
