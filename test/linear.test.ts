import { describe, expect, test } from "vitest";
import { DnsRecord, DockerNode, HealthCheck, ResolverPool, StandaloneLoadBalancer, Zone } from "../lib/index.js";
import { newStack } from "./constructs.js";

const address = (index: number) => `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function pool(count: number) {
  const servers = numbers(count).map((index) => ({ name: `s${index}`, address: address(index) }));
  const healthCheck = HealthCheck.query({ name: "example.com", type: "SOA" });
  const stack = newStack();
  return { stack, pool: new ResolverPool(stack, "Pool", { servers, healthCheck }) };
}

function zone(count: number, name: (index: number) => string): void {
  const addresses = numbers(count).map((index) => DnsRecord.a({ name: name(index), address: address(index) }));
  const server = DnsRecord.ns({ name: "@", target: "ns.example.net." });
  Zone.fromRecords({ name: "example.com", records: [server, ...addresses] });
}

function clients(count: number): void {
  const { stack, pool: servers } = pool(1);
  const node = new DockerNode(stack, "Node", { address: "192.168.0.2" });
  const allowFrom = numbers(count).map((index) => `${address(index)}/32`);
  new StandaloneLoadBalancer(stack, "Dns", { node }).addDnsFrontend("Internal", { pool: servers, allowFrom });
}

/** The processor time of the shortest of some runs, in microseconds: what else runs on the machine costs none of it. */
function time(make: (count: number) => unknown, count: number): number {
  const times = numbers(3).map(() => {
    const start = process.cpuUsage();
    make(count);
    return process.cpuUsage(start).user;
  });
  return Math.min(...times);
}

describe("four times as much takes about four times as long", () => {
  test.each([
    ["servers of a pool", pool, 1_000],
    ["records of a zone", (count: number) => zone(count, (index) => `h${index}`), 700],
    ["addresses of one name", (count: number) => zone(count, () => "www"), 700],
    ["networks of clients", clients, 1_200],
  ] as const)("%s", { timeout: 60_000 }, (_, make, count) => {
    make(count);
    expect(time(make, 4 * count) / time(make, count)).toBeLessThan(8);
  });
});
