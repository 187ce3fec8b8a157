import * as fc from "fast-check";
import * as ipaddr from "ipaddr.js";
import { canonicalAddress } from "../lib/core/ip.js";

/** Any IPv6 address, in canonical form. */
export const ipv6Address: fc.Arbitrary<string> = addressIn("::/0");

/** An address of a network, in canonical form: its first and its last one more often than others. */
export function addressIn(cidr: string): fc.Arbitrary<string> {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  const base = network.toByteArray();
  const value = base.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const size = 1n << BigInt(base.length * 8 - bits);
  return fc.bigInt({ min: 0n, max: size - 1n }).map((offset) => {
    const bytes = base.map((_, index) => Number(((value + offset) >> BigInt((base.length - 1 - index) * 8)) & 255n));
    return canonicalAddress(ipaddr.fromByteArray(bytes).toString());
  });
}
