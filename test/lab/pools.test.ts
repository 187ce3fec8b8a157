import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Duration } from "../../lib/core/duration.js";
import { detectionTime } from "../../lib/model/health-check.js";
import { poolOption } from "../../lib/node/compile/node-health.js";
import { peerProof } from "../../lib/node/compile/probe.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { authoritativePool, frontend, pair, resolverPool, servers } from "./models.js";

const SHARED = "10.0.0.53";
const SECOND = "10.0.0.54";
const POOL_A = ["resolver1", "resolver2"];
const POOL_B = ["auth1", "auth2"];

const resolvers = resolverPool({ servers: servers("resolver", "192.168.1.10", 2) });
const model = pair({
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: SECOND, interface: "eth0" },
  ],
  frontends: [
    frontend({ addresses: [SHARED], pool: resolvers }),
    frontend({
      name: "public",
      addresses: [SECOND],
      pool: authoritativePool({ servers: servers("auth", "192.168.1.20", 2) }),
    }),
  ],
});

/* The probes have noticed, the checks have failed, and VRRP has moved the addresses. */
const NOTICED = 2 * detectionTime(resolvers.healthCheck);

let lab: Lab;

/** Gives the tests of a block a pair that sends adverts so often. */
function pairWith(name: string, advertisementInterval: Duration): void {
  beforeAll(async () => {
    const { mobility } = model;
    lab = await Lab.start(
      [{ ...model, mobility: mobility.kind === "vrrp" ? { ...mobility, advertisementInterval } : mobility }],
      { name },
    );
    await lab.waitFor(async () => (await lab.holders(SHARED)).length === 1, { what: "one leads" });
  });
  afterAll(async () => {
    await lab?.stop();
    expect(leftovers(name)).toEqual(NOTHING);
  });
  afterEach(async () => {
    for (const node of lab.nodes) await node.heal();
    await lab.waitUntilReady();
    await lab.waitFor(async () => (await Promise.all(lab.nodes.map(failed))).every((names) => names.length === 0), {
      timeout: "30s",
      what: "no check fails",
    });
  });
}

const failed = async (node: { agent: (typeof lab.nodes)[0]["agent"] }): Promise<readonly string[]> => {
  const { status, stdout } = await node.agent("status", "--json");
  return status === 0 ? JSON.parse(stdout).failedChecks : ["unknown"];
};

async function leaderAndOther() {
  const [leader = "", ...others] = await lab.holders(SHARED);
  expect(others).toEqual([]);
  return [lab.node(leader), lab.node(leader === "lb1" ? "lb2" : "lb1")] as const;
}

/* Sends 60 probes and 60 NOTIFY over UDP, a probe over TCP, and counts what is answered. */
const ASK_AS_PEER = `
import json, socket, sys
address, probe = sys.argv[1], bytes.fromhex(sys.argv[2])
def answered(message):
    found = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(1)
        connection.connect((address, 53))
        for number in range(60):
            connection.send(number.to_bytes(2, "big") + message[2:])
        try:
            while True:
                found += connection.recv(4096)[3] & 15 == 0
        except OSError:
            return found
def over_tcp():
    with socket.create_connection((address, 53), timeout=2) as connection:
        connection.sendall(len(probe).to_bytes(2, "big") + probe)
        try:
            return len(connection.recv(4096))
        except OSError:
            return 0
notify = probe[:2] + bytes([probe[2] & 0x87 | 4 << 3]) + probe[3:]
print(json.dumps({"notifications": answered(notify), "probes": answered(probe), "stream": over_tcp()}))
`;

/** Who held the shared address while a time passed, one entry for each change. */
async function holdersFor(milliseconds: number): Promise<string[]> {
  const seen: string[] = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const state = (await lab.holders(SHARED)).join("+");
    if (seen.at(-1) !== state) seen.push(state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return seen;
}

// Addresses move, too, when a node gets no processor time for three adverts. That is not what these tests are about.
describe("addresses stay", () => {
  pairWith("t_pools_stay", "1s");

  // Which node notices first is chance.
  test.each([1, 2, 3])("when each node has lost a pool that the other has, at once (%i)", async () => {
    const [leader, other] = await leaderAndOther();
    await Promise.all([leader.partition("both", { from: POOL_A }), other.partition("both", { from: POOL_B })]);
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    expect(await Promise.all([failed(leader), failed(other)])).toEqual([[], []]);
  });

  test("when the other node has lost a pool before, and when both have them back", async () => {
    const [leader, other] = await leaderAndOther();
    await other.partition("both", { from: POOL_A });
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    await leader.partition("both", { from: POOL_B });
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    await Promise.all([leader.heal(), other.heal()]);
    expect(await holdersFor(NOTICED)).toEqual([leader.name]);
  });

  test("when both nodes have lost the same pool, or everything", async () => {
    const [leader, other] = await leaderAndOther();
    for (const from of [POOL_A, [...POOL_A, ...POOL_B]]) {
      await Promise.all([leader.partition("both", { from }), other.partition("both", { from })]);
      expect(await holdersFor(NOTICED)).toEqual([leader.name]);
    }
  });
});

/* What the watch and VRRP need beyond the probes: some checks, three adverts. */
const MOVE = 1_500;

describe("with adverts as usual", () => {
  pairWith("t_pools_move", "200ms");

  test("a node passes few of the other's probes on to the servers, over UDP, and nothing else from its address", async () => {
    const proof = peerProof(resolvers.healthCheck, poolOption(0));
    const { stdout } = await lab.node("lb2").exec(["/usr/bin/python3", "-c", ASK_AS_PEER, "10.0.0.2", proof]);
    const { probes, notifications, stream } = JSON.parse(stdout);
    expect({ notifications, stream }).toEqual({ notifications: 0, stream: 0 });
    // Ten at once, and ten more in the second in which it listens.
    expect(probes).toBeGreaterThanOrEqual(10);
    expect(probes).toBeLessThanOrEqual(30);
  });

  describe("addresses move as soon as the probes have noticed", () => {
    test.each([
      ["one pool", POOL_A],
      ["every pool", [...POOL_A, ...POOL_B]],
    ])("when the leader alone has lost %s", async (_, from) => {
      const [leader, other] = await leaderAndOther();
      const start = performance.now();
      await leader.partition("both", { from });
      await lab.waitFor(async () => (await lab.holders(SHARED)).join() === other.name, { timeout: "10s" });
      expect(performance.now() - start).toBeLessThan(detectionTime(resolvers.healthCheck) + MOVE);
      expect(await failed(leader)).toEqual(
        from.length > 2 ? ["pool-resolvers", "pool-authoritative"] : ["pool-resolvers"],
      );
    });

    test("when the other node gets back what both had lost", async () => {
      const [leader, other] = await leaderAndOther();
      await leader.partition("both", { from: POOL_A });
      await other.partition("both", { from: POOL_B });
      await holdersFor(NOTICED);
      const [now, then] = await leaderAndOther();
      await then.heal();
      await lab.waitFor(async () => (await lab.holders(SHARED)).join() === then.name, { timeout: "15s" });
      expect(await failed(now)).toHaveLength(1);
    });
  });
});
