import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";
import { Testing } from "cdktf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AuthoritativePool,
  Balance,
  DnsRecord,
  DockerNode,
  HealthCheck,
  ResolverPool,
  StandaloneLoadBalancer,
  Zone,
} from "../lib/index.js";
import { newStack } from "./constructs.js";

const address = (index: number) => `10.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const servers = (count: number) => numbers(count).map((index) => ({ name: `s${index}`, address: address(index) }));

function pool(count: number) {
  const healthCheck = HealthCheck.query({ name: "example.com", type: "SOA" });
  const stack = newStack();
  return { stack, pool: new ResolverPool(stack, "Pool", { servers: servers(count), healthCheck }) };
}

function zone(count: number, name: (index: number) => string): void {
  const addresses = numbers(count).map((index) => DnsRecord.a({ name: name(index), address: address(index) }));
  const server = DnsRecord.ns({ name: "@", target: "ns.example.net." });
  Zone.fromRecords({ name: "example.com", records: [server, ...addresses] });
}

function clients(count: number): void {
  const { stack, loadBalancer } = withNode();
  const allowFrom = numbers(count).map((index) => `${address(index)}/32`);
  const answering = new ResolverPool(stack, "Pool", { servers: servers(1) });
  loadBalancer.addDnsFrontend("Internal", { pool: answering, allowFrom });
}

function withNode() {
  const stack = newStack();
  const node = new DockerNode(stack, "Node", { address: "192.168.0.2", memory: "64g" });
  return { stack, loadBalancer: new StandaloneLoadBalancer(stack, "Dns", { node, outstandingQueries: 1_000 }) };
}

/** Synthesizes an app with servers spread over pools, each with a frontend. */
function spread(count: number, pools: number): void {
  const { stack, loadBalancer } = withNode();
  for (const at of numbers(pools)) {
    const members = servers(count).filter((_, index) => index % pools === at);
    const pool = new AuthoritativePool(stack, `Pool${at}`, { zones: ["example.com"], servers: members });
    loadBalancer.addDnsFrontend(`Front${at}`, { pool, port: 53 + at });
  }
  Testing.synth(stack, true);
}

/** Synthesizes an app with two pools of the same servers, one of which passes on what changes zones. */
function changed(count: number): void {
  const { stack, loadBalancer } = withNode();
  const shared = { zones: ["example.com"], servers: servers(count), balance: Balance.first() };
  const queried = new AuthoritativePool(stack, "Queried", shared);
  const updated = new AuthoritativePool(stack, "Updated", {
    ...shared,
    notifyFrom: ["192.0.2.1/32"],
    updateFrom: ["192.0.2.0/24"],
    zoneTransfer: { servers: shared.servers.map(({ name }) => name), allowFrom: ["192.0.2.0/24"] },
  });
  loadBalancer.addDnsFrontend("Queries", { pool: queried });
  loadBalancer.addDnsFrontend("Updates", { pool: updated, port: 54 });
  Testing.synth(stack, true);
}

/* Calls from optimized code are not counted. */
beforeAll(() => setFlagsFromString("--no-opt"));
afterAll(() => setFlagsFromString("--opt"));

/** How often functions of the library and parts of them ran: as often on any machine. */
function work(make: () => void): number {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  make();
  let counted = 0;
  session.post("Profiler.takePreciseCoverage", (_, { result }) => {
    const ranges = result
      .filter(({ url }) => /\/lib\/[^:]*\.ts$/.test(url) && !url.includes("node_modules"))
      .flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
    counted = ranges.reduce((sum, { count }) => sum + count, 0);
  });
  session.disconnect();
  return counted;
}

describe("four times as much takes about four times the work", () => {
  test.each([
    ["servers of a pool", pool],
    ["records of a zone", (count: number) => zone(count, (index) => `h${index}`)],
    ["addresses of one name", (count: number) => zone(count, () => "www")],
    ["networks of clients", clients],
    ["synthesis of servers in one pool", (count: number) => spread(count, 1)],
    ["synthesis of servers in twenty pools", (count: number) => spread(count, 20)],
    ["synthesis of servers that take changes", changed],
  ] as const)("%s", { timeout: 60_000 }, (_, make) => {
    make(20);
    const few = work(() => make(100));
    expect(few).toBeGreaterThan(1_000);
    expect(work(() => make(400)) / few).toBeLessThan(4.5);
  });
});

test("servers in twenty pools take about the work of as many in one", { timeout: 60_000 }, () => {
  spread(20, 20);
  expect(work(() => spread(2_000, 20)) / work(() => spread(2_000, 1))).toBeLessThan(1.3);
});
