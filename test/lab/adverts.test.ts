import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { NodeDescription } from "../../lib/model/node.js";
import { command } from "../../lib/testing/lab/command.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { namespaceName } from "../../lib/testing/lab/names.js";
import { type Generation, onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, pair } from "./models.js";

const SHARED = "10.0.0.53";
const SHARED6 = "fd00::53";
const CLIENT = "10.0.0.77";
const ROUTER = "10.9.0.1";
const ROUTER6 = "fd09::1";
const FAR = "198.51.100.77";
const NEAR = "10.0.0.66";
const NEAR6 = "fd00::66";

const node = (last: number): NodeDescription => ({
  name: `lb${last - 1}`,
  addresses: [`10.0.0.${last}`, `fd00::${last}`],
  interface: "eth0",
});

/** A pair with an address of each family. */
const model = pair({
  nodes: [node(2), node(3)],
  virtualAddresses: [
    { address: SHARED, interface: "eth0" },
    { address: SHARED6, interface: "eth0" },
  ],
  frontends: [frontend({ addresses: [SHARED, SHARED6], allowFrom: ["10.0.0.0/8", "fd00::/8"] })],
});

let lab: Lab;

function labOf(name: string, loadBalancer: LoadBalancer, options: Generation["options"] = {}): void {
  beforeAll(async () => {
    lab = await Lab.start([loadBalancer], { name, ...options });
  });
  afterAll(async () => {
    await lab?.stop();
    expect(leftovers(name)).toEqual(NOTHING);
  });
}

const other = (name: string) => (name === "lb1" ? "lb2" : "lb1");

/** The node that holds the addresses of both families. */
async function leader(): Promise<string> {
  const [[name = "", ...others], six] = await Promise.all([lab.holders(SHARED), lab.holders(SHARED6)]);
  expect([others, six]).toEqual([[], [name]]);
  return name;
}

const leads = (name: string) =>
  lab.waitFor(async () => (await lab.holders(SHARED)).join() === name && (await lab.holders(SHARED6)).join() === name, {
    what: `${name} alone leads`,
  });

/** Waits until no check fails on either node, nor counts as failed after it did. */
async function areWell(): Promise<void> {
  await lab.waitFor(
    async () => {
      const states = await Promise.all(lab.nodes.map(({ name }) => lab.node(name).agent("status", "--json")));
      return states.every(({ stdout }) => {
        const { failedChecks, vrrp } = JSON.parse(stdout);
        const whole = (each: { priority: number; fullPriority: number }) => each.priority === each.fullPriority;
        return failedChecks.length === 0 && vrrp?.instances.every(whole);
      });
    },
    { what: "both nodes are well", timeout: "30s" },
  );
}

/** An address of each family, for the last number of a node's. */
type Addresses = (last: number) => readonly [string, string];

/** What a node's filter has dropped, by what it looked at. */
async function dropped(name: string): Promise<Record<string, number>> {
  const { stdout } = await lab.node(name).exec(["nft", "list", "table", "inet", `dns_lb_${name}`]);
  const counters = stdout.matchAll(
    / (ip6? (?:saddr|ttl|hoplimit)|frag nexthdr) (?:!= \S+|\{[^}]*\}) counter packets (\d+) /g,
  );
  return Object.fromEntries([...counters].map(([, what, packets]) => [what, Number(packets)]));
}

/** Waits until a flood reaches the filters of both nodes. */
async function arrives(): Promise<void> {
  const all = async () => {
    const each = await Promise.all(["lb1", "lb2"].map(dropped));
    return each.map((fields) => Object.values(fields).reduce((sum, packets) => sum + packets, 0));
  };
  const before = await all();
  const more = async () => (await all()).every((sum, index) => sum > (before[index] ?? 0) + 100);
  await lab.waitFor(more, { what: "the flood reaches both nodes" });
}

onBothGenerations(
  ({ name: generation, options }) => {
    describe("a flood of adverts that another host forges", () => {
      const NAME = `t_forged_${generation}`;
      labOf(NAME, model, options);
      const on = (host: string, script: string) =>
        command(["ip", "netns", "exec", namespaceName(NAME, host), "sh", "-euc", script]);
      const logs = () => lab.nodes.map(({ name }) => lab.node(name).logs("keepalived"));

      /** Sends a hundred adverts a second, of the given sources, to each node. */
      const forge = (host: string, seconds: number, sources: Addresses, to = OWN) => {
        const forged = [2, 3].flatMap((last) => {
          const [source, source6] = sources(last === 2 ? 3 : 2);
          const [own, own6] = to(last);
          return [SHARED, source, own, SHARED6, source6, own6];
        });
        const program = join(__dirname, "forge-adverts.py");
        return on(`client-${host}`, `python3 ${program} ${seconds} 53 ${forged.join(" ")}`);
      };
      const OWN: Addresses = (last) => [`10.0.0.${last}`, `fd00::${last}`];
      const fromFar = (seconds: number) => forge(FAR, seconds, OWN);
      const FROM_NEAR: Addresses = () => [NEAR, NEAR6];
      const fromNear = (seconds: number) => forge(NEAR, seconds, FROM_NEAR);
      const GROUP: Addresses = () => ["224.0.0.18", "ff02::12"];
      const SHARED_ADDRESSES: Addresses = () => [SHARED, SHARED6];

      /** The nodes' link-local addresses, in place of IPv4 addresses the virtual one. */
      async function linkLocal(): Promise<Addresses> {
        const found = await Promise.all(
          ["lb1", "lb2"].map(async (name) => {
            const { stdout } = await on(name, "ip -6 -o address show dev eth0 scope link");
            return / inet6 (fe80:[^/]+)/.exec(stdout)?.[1] ?? "none";
          }),
        );
        return (last) => [SHARED, found[last - 2] ?? "none"];
      }

      beforeAll(async () => {
        for (const host of [ROUTER, FAR, NEAR])
          await lab.client(host).query("www.example.com", "A", { server: SHARED });
        await on(
          `client-${ROUTER}`,
          `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ip address add ${ROUTER6}/128 dev eth0 nodad`,
        );
        await on(`client-${NEAR}`, `ip address add ${NEAR6}/64 dev eth0 nodad`);
        for (const last of [2, 3]) {
          await on(
            `client-${FAR}`,
            `ip route add 10.0.0.${last} via ${ROUTER} dev eth0 onlink; ip route add fd00::${last} via ${ROUTER6} dev eth0 onlink`,
          );
        }
      });

      test.each([
        {
          case: "in the name of the peer, through a router",
          flood: fromFar,
          fields: ["ip ttl", "ip6 hoplimit", "frag nexthdr"],
        },
        {
          case: "in its own name, from the nodes' network",
          flood: fromNear,
          fields: ["ip saddr", "ip6 saddr", "frag nexthdr"],
        },
      ])("$case, moves nothing, loses nothing, and is not logged", async ({ flood, fields }) => {
        await areWell();
        const before = await leader();
        const logged = logs();
        const counted = await Promise.all(["lb1", "lb2"].map(dropped));
        const asked = { server: SHARED, name: "whoami.dns-lb.test", type: "TXT", rate: 100 } as const;
        const load = await lab.client(CLIENT).load(asked);
        await flood(5);
        expect(await leader()).toBe(before);
        expect((await load.stop()).lost).toBe(0);
        expect(logs()).toEqual(logged);
        for (const [index, name] of ["lb1", "lb2"].entries()) {
          const now = await dropped(name);
          const more = fields.map((field) => (now[field] ?? 0) - (counted[index]?.[field] ?? 0));
          // They did arrive, far more than ten a second: of IPv6 two kinds, and the fragments of a third.
          const [ipv4 = 0, ipv6 = 0, fragments = 0] = more;
          expect(ipv4).toBeGreaterThan(150);
          expect(Math.min(ipv6, fragments)).toBeGreaterThan(1.9 * ipv4);
        }
      });

      test("does not keep a planned move from happening", async () => {
        const before = await leader();
        const forging = Promise.all([fromFar(6), fromNear(6)]);
        await arrives();
        expect((await lab.node(before).agent("drain")).status).toBe(0);
        await leads(other(before));
        expect((await lab.node(before).agent("undrain")).status).toBe(0);
        await forging;
        expect(await leader()).toBe(other(before));
      });

      test("finds no gap while a change loads the filter anew", async () => {
        const before = await leader();
        const moves = () => logs().map((log) => log.match(/Syncing instances to MASTER state/g)?.length ?? 0);
        const moved = moves();
        const load = await lab
          .client(CLIENT)
          .load({ server: SHARED, name: "whoami.dns-lb.test", type: "TXT", rate: 100 });
        const forging = Promise.all([fromFar(8), fromNear(8)]);
        await arrives();
        for (const allowFrom of [
          ["10.0.0.0/8", "fd00::/8", "192.0.2.0/24"],
          ["10.0.0.0/8", "fd00::/8"],
        ]) {
          await lab.apply([{ ...model, frontends: model.frontends.map((each) => ({ ...each, allowFrom })) }]);
        }
        await forging;
        expect(await leader()).toBe(before);
        expect(moves()).toEqual(moved);
        expect((await load.stop()).lost).toBe(0);
      });

      test("does not keep the other node from leading when the leader dies", async () => {
        const before = await leader();
        let floods = true;
        const forging = Promise.all([fromFar(8), fromNear(8)]).then(() => {
          floods = false;
        });
        await arrives();
        await lab.node(before).kill();
        await leads(other(before));
        expect(floods).toBe(true);
        await forging;
        expect(await lab.holders(SHARED)).toEqual([other(before)]);
        await lab.node(before).start();
        await lab.waitUntilReady();
        await lab.takeoverTime();
        expect(await leader()).toBe(other(before));
      });

      test("to other addresses than a node sends adverts from passes, and keepalived does not hear it", async () => {
        await areWell();
        const before = await leader();
        const logged = logs();
        const counted = await Promise.all(["lb1", "lb2"].map(dropped));
        const hearing = on("lb1", `python3 ${join(__dirname, "hear-adverts.py")} 8`);
        for (const to of [GROUP, SHARED_ADDRESSES, await linkLocal()]) await forge(NEAR, 2, FROM_NEAR, to);
        const { stdout } = await hearing;
        // As other programs of a host would that speak VRRP.
        expect(stdout).toContain(`${NEAR} 224.0.0.18`);
        expect(await Promise.all(["lb1", "lb2"].map(dropped))).toEqual(counted);
        expect(logs()).toEqual(logged);
        expect(await leader()).toBe(before);
      });

      test("keepalived tells what happens, and is silent while nothing does", async () => {
        await areWell();
        expect(logs().join("")).toMatch(/Entering MASTER STATE/);
        const before = logs();
        // Neighbours are refreshed every 10 s.
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        expect(logs()).toEqual(before);
      });

      test("is dropped by a node that was started again, and no longer by one that ends", async () => {
        for (const { name } of lab.nodes) {
          expect(Object.keys(await dropped(name))).toHaveLength(5);
          expect((await lab.node(name).agent("clear")).status).toBe(0);
          expect(await dropped(name)).toEqual({});
        }
      });
    });
  },
  { ownIfShort: true },
);

describe("a pair with an interface of its own for adverts", () => {
  const NAME = "t_adverts";
  const apart = (description: NodeDescription, last: number): NodeDescription => ({
    ...description,
    interfaces: [
      { name: "eth0", addresses: description.addresses, subnets: ["10.0.0.0/24", "fd00::/64"] },
      { name: "eth1", addresses: [`172.16.0.${last}`, `fd16::${last}`], subnets: ["172.16.0.0/24", "fd16::/64"] },
    ],
  });
  labOf(NAME, {
    ...model,
    nodes: [apart(node(2), 2), apart(node(3), 3)],
    mobility: {
      ...model.mobility,
      kind: "vrrp",
      virtualRouterId: 53,
      advertisementInterval: "200ms",
      interface: "eth1",
    },
  });

  const answered = async () => {
    const { status } = await lab.client(CLIENT).query("www.example.com", "A", { server: SHARED });
    return status === "NOERROR";
  };

  beforeEach(async () => {
    for (const { name } of lab.nodes) for (const device of ["eth0", "eth1"]) await lab.node(name).plug(device);
    await lab.waitUntilReady();
    await areWell();
  });

  test("speaks there alone", async () => {
    const { stdout } = await lab.node(await leader()).exec(["cat", "/proc/net/raw", "/proc/net/raw6"]);
    // Addresses of sockets of protocol 112 (0x70), in the kernel's spelling: 172.16.0.2 or .3, and none of 10.0.0.0/24.
    expect(stdout).toMatch(/0[23]0010AC:0070/);
    expect(stdout).not.toMatch(/0[23]00000A:0070/);
  });

  test("moves its addresses when the clients' interface of the leader has no carrier", async () => {
    const name = await leader();
    await lab.node(name).unplug("eth0");
    await leads(other(name));
    expect(await answered()).toBe(true);
    await lab.node(name).plug("eth0");
    await lab.takeoverTime();
    expect(await leader()).toBe(other(name));
  });

  test("has one leader where the clients' interfaces of both nodes have no carrier", async () => {
    const name = await leader();
    for (const each of [other(name), name]) await lab.node(each).unplug("eth0");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const first = await leader();
    expect(["lb1", "lb2"]).toContain(first);
    await lab.node(other(first)).plug("eth0");
    await leads(other(first));
    expect(await answered()).toBe(true);
  });

  test.each([
    { case: "one node", both: false },
    { case: "both nodes", both: true },
  ])("serves with both nodes while the interface for adverts of $case has no carrier", async ({ both }) => {
    const name = await leader();
    const load = await lab.client(CLIENT).load({ server: SHARED, name: "whoami.dns-lb.test", type: "TXT", rate: 100 });
    await lab.node(name).unplug("eth1");
    if (both) await lab.node(other(name)).unplug("eth1");
    await lab.waitFor(async () => (await lab.holders(SHARED)).length === 2, { what: "both lead" });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await answered()).toBe(true);
    for (const each of ["lb1", "lb2"]) await lab.node(each).plug("eth1");
    await lab.waitFor(async () => (await lab.holders(SHARED)).length === 1, { what: "one leads" });
    expect((await load.stop()).lost).toBe(0);
  });
});
