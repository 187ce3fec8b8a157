import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../../lib/testing/index.js";
import { withoutProgress } from "../../progress-lines.js";
import { recover } from "./holders.js";
import {
  ADDRESS,
  CLIENT,
  leaderOf,
  otherThan,
  PASSWORD,
  quickModel,
  sleep,
  startProduction,
  withIdleTimeout,
} from "./stack.js";

const NODES = { lb1: "10.0.0.2", lb2: "10.0.0.3" } as const;
const before = quickModel();
const after = withIdleTimeout(before, "internal", "3s");

let lab: Lab;

beforeAll(async () => {
  lab = await startProduction("operations", before);
});
afterAll(() => lab?.stop());

/** Runs a command of the agent that must work. */
async function agent(node: string, ...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await lab.node(node).agent(...words);
  expect({ words, status, stderr: withoutProgress(stderr) }).toEqual({ words, status: 0, stderr: "" });
  return stdout;
}

const statusOf = async (node: string) => JSON.parse(await agent(node, "status", "--json"));

/** The labels of the metric of the running release, as Prometheus gets them. */
async function labels(node: keyof typeof NODES): Promise<Record<string, string>> {
  const url = `http://${NODES[node]}:8404/metrics/node`;
  const { stdout } = await lab.node(node).exec(["curl", "-sf", "-u", `ops:${PASSWORD}`, url]);
  const [, words = ""] = /^dns_lb_release_info\{(.*)\} 1$/m.exec(stdout) ?? [];
  return Object.fromEntries([...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** Loads both frontends over UDP, TCP and TLS while something is done. */
async function underLoad(action: () => Promise<void>) {
  const common = { connections: "persistent", concurrency: 4 } as const;
  const internal = { ...common, server: ADDRESS.internal, name: "www.example.com" } as const;
  const open = { ...common, server: ADDRESS.public, name: "www.example.com" } as const;
  const loads = [
    await lab.client(CLIENT.inside).load({ ...internal, transport: "udp", rate: 200 }),
    await lab.client(CLIENT.inside).load({ ...internal, transport: "tcp", rate: 50 }),
    await lab.client(CLIENT.world).load({ ...open, transport: "udp", rate: 100 }),
    await lab.client(CLIENT.world).load({ ...open, transport: "tcp", rate: 50 }),
  ];
  await sleep(1_000);
  await action();
  await sleep(1_000);
  return Promise.all(loads.map((load) => load.stop()));
}

describe("the metric of the release", () => {
  test("is the new one on both nodes after a change, and the old one after a rollback that loses nothing", async () => {
    const nodes = ["lb1", "lb2"] as const;
    const [first, second] = await Promise.all(nodes.map(labels));
    expect(first).toMatchObject({ load_balancer: "load-balancer", node: "lb1" });
    expect(second).toMatchObject({ node: "lb2", configuration: first?.["configuration"] });
    expect(first?.["release"]).not.toBe(second?.["release"]);

    await lab.apply([after]);
    const changed = await Promise.all(nodes.map(labels));
    for (const [index, old] of [first, second].entries()) {
      expect(changed[index]?.["release"]).not.toBe(old?.["release"]);
      expect(changed[index]?.["configuration"]).not.toBe(old?.["configuration"]);
    }
    expect(changed[0]?.["configuration"]).toBe(changed[1]?.["configuration"]);

    const reports = await underLoad(async () => {
      expect(await agent("lb1", "rollback")).toContain(`\nready ${first?.["release"]}\n`);
      expect(await labels("lb1")).toEqual(first);
      // The pair does not do the same until the other one has followed.
      expect(await labels("lb2")).toEqual(changed[1]);
      await agent("lb2", "rollback");
    });
    expect(await Promise.all(nodes.map(labels))).toEqual([first, second]);
    expect(await statusOf("lb1")).toMatchObject({
      release: first?.["release"],
      previous: changed[0]?.["release"],
      configuration: first?.["configuration"],
      change: null,
    });
    for (const { sent, lost, byRcode } of reports) {
      expect({ lost, byRcode }).toEqual({ lost: 0, byRcode: { NOERROR: sent } });
      expect(sent).toBeGreaterThan(100);
    }
  });
});

describe("a change", () => {
  test("leaves HAProxy the sockets that it listens to: who waits at one that is closed is turned away", async () => {
    const leader = await leaderOf(lab);
    const sockets = async () => {
      const { stdout } = await lab.node(leader).exec(["ss", "-Hltne"]);
      return new Map([...stdout.matchAll(/ (\S+:(?:53|853)) .* ino:(\d+) /g)].map(([, at = "", inode]) => [at, inode]));
    };
    const found = await sockets();
    for (const host of Object.values(ADDRESS).map((each) => (each.includes(":") ? `[${each}]` : each))) {
      expect([...found.keys()]).toEqual(expect.arrayContaining([`${host}:53`, `${host}:853`]));
    }
    await lab.apply([after]);
    expect(await sockets()).toEqual(found);
    await lab.apply([before]);
    expect(await sockets()).toEqual(found);
  });
});

describe("the manifest", () => {
  test("tells every socket on which the daemons listen, and none besides", async () => {
    const node = lab.node("lb1");
    const { stdout } = await node.exec(["ss", "-Htulnp"]);
    // "udp UNCONN 0 0 10.0.0.2:53 0.0.0.0:* users:((\"dnsdist\",pid=17,fd=6))"
    const found = [...stdout.matchAll(/^(udp|tcp) .*? (\S+:\d+) +\S+ +users:\(\("([^"]+)"/gm)].map(
      ([, transport, at, service]) => `${service} ${transport} ${at}`,
    );
    const told = node.nodeSpec.manifest.services.flatMap(({ name, listeners }) =>
      listeners.flatMap(({ address, port, transport, sockets }) => {
        const host = address.includes(":") ? `[${address}]` : address;
        const count = sockets === "one-per-processor" ? availableParallelism() : sockets;
        return Array<string>(count).fill(`${name} ${transport} ${host}:${port}`);
      }),
    );
    expect(found.sort()).toEqual(told.sort());
    expect(found.length).toBeGreaterThan(10);
  });
});

describe("status", () => {
  test("tells of VRRP, checks and peers, in health and in illness", async () => {
    const leader = await leaderOf(lab);
    const other = otherThan(lab, leader);
    const instances = (state: string, priority = 250) =>
      ["v4", "v6"].map((name) => expect.objectContaining({ name, state, priority, fullPriority: 250 }));
    expect(await statusOf(leader)).toMatchObject({
      vrrp: { instances: instances("master") },
      failedChecks: [],
      peers: { [NODES[other as keyof typeof NODES]]: true },
    });
    expect(await statusOf(other)).toMatchObject({ vrrp: { instances: instances("backup") }, failedChecks: [] });
    expect(await agent(leader, "status")).toMatch(/^VRRP v4: master since \S+Z, priority 250 of 250$/m);

    await lab.node(other).process("dnsdist").kill();
    await sleep(4_000);
    const ill = await statusOf(other);
    expect(ill.failedChecks).toContain("dnsdist");
    expect(ill.vrrp.instances[0].priority).toBeLessThan(250);
    expect(ill.services).toContainEqual({
      ...{ name: "dnsdist", running: false, pid: null, uptime: null, outdated: null },
    });
    expect(await agent(leader, "status")).toContain(
      `peer ${NODES[other as keyof typeof NODES]}: silent: away, or without a live pool\n`,
    );
    await recover(lab);
  });
});

describe("draining", () => {
  test("of the leading node moves all addresses, and it stays drained when its daemons are started anew", async () => {
    const leader = await leaderOf(lab);
    const other = otherThan(lab, leader);
    expect(await agent(leader, "drain")).toBe("node drained\n");
    expect(await leaderOf(lab)).toBe(other);
    await lab.node(leader).kill();
    await lab.node(leader).start();
    await sleep(5_000);
    expect(await statusOf(leader)).toMatchObject({ drained: true, drainedBy: "operator", addresses: [] });
    // What it has not seen alive since its start counts as failed until it was alive for five seconds.
    const status = expect.poll(() => agent(leader, "status"), { timeout: 20_000 });
    await status.toMatch(/^VRRP v4: backup since \S+Z, priority 150 of 250$/m);
    expect(await agent(leader, "undrain")).toBe("node undrained\n");
    expect(await leaderOf(lab)).toBe(other);
  });

  test("of a server lets it answer nothing, also when daemons are started anew, until it is undrained", async () => {
    const leader = await leaderOf(lab);
    const answering = async () => {
      const whoami = {
        name: "whoami.dns-lb.test",
        type: "TXT",
        server: ADDRESS.internal,
        count: 60,
        rate: 60,
        connections: "persistent",
        concurrency: 6,
      } as const;
      const inside = lab.client(CLIENT.inside);
      const loads = [
        await inside.load({ ...whoami, transport: "udp" }),
        await inside.load({ ...whoami, transport: "tcp" }),
      ];
      const reports = await Promise.all(loads.map(({ done }) => done));
      expect(reports.map(({ lost }) => lost)).toEqual([0, 0]);
      return reports.map(({ byAnswer }) => Object.keys(byAnswer).sort());
    };
    const others = ["resolver2", "resolver3"];
    const all = ["resolver1", ...others];
    expect(await answering()).toEqual([all, all]);
    expect(await agent(leader, "drain", "resolvers/resolver1")).toBe("resolvers/resolver1 drained\n");
    expect(await answering()).toEqual([others, others]);

    for (const name of ["haproxy", "dnsdist"]) {
      await lab.node(leader).process(name).kill();
      lab.node(leader).process(name).start();
    }
    await sleep(5_000);
    expect(await agent(leader, "status")).toContain(
      "resolvers/resolver1 (drained): haproxy resolvers DRAIN, dnsdist tcp drained, dnsdist udp drained\n",
    );
    await agent(leader, "undrain", "resolvers/resolver1");
    await sleep(3_000);
    const { pools } = await statusOf(leader);
    expect(pools[2].servers[0]).toEqual({
      ...{ name: "resolver1", drained: false },
      ...{ haproxy: { resolvers: "UP" }, dnsdist: { udp: "up", tcp: "up" } },
    });
  });
});

describe("the commands of docs/operations.md", () => {
  test.each<[words: string[], shows: RegExp]>([
    [["check"], /^haproxy, dnsdist, keepalived would take [0-9a-f]{16}\n$/],
    [["ready"], /^ready [0-9a-f]{16}\n$/],
    [["haproxy", "show", "info"], /^Name: HAProxy\n/],
    [["haproxy", "show", "stat"], /^resolvers,resolver1,/m],
    [["haproxy", "show", "servers", "state"], / resolvers 1 resolver1 192\.168\.1\.10 /],
    [["haproxy", "show", "table", "internal:clients"], /^# table: internal:clients, type: ipv6/],
    [["haproxy", "show", "errors"], /^Total events captured/],
    [["dnsdist", "showServers()"], / resolvers\/resolver1 +192\.168\.1\.10:53 +up /],
    [["dnsdist", "showRules()"], /everything else .* drop\n/],
    [["dnsdist", "showTCPStats()"], /^Frontends:$/m],
    [["dnsdist", "showResponseLatency()"], /^Average response latency/],
    [["dnsdist", "topClients(5)"], /127\.0\.0\.1 /],
    [["dnsdist", "topQueries(5)"], /alive\.dns-lb\.invalid\. /],
    [["dnsdist", "grepq('', 5)"], /^Time +Client /],
    [["query", "www.example.com", "A", "@192.168.1.10"], /^NOERROR \(.*\), 1 record, .* ms, udp\n192\.0\.2\.80\n$/],
    [["query", "www.example.com", "A", "@192.168.1.10", "--tcp"], /^NOERROR .* tcp\n192\.0\.2\.80\n$/],
    [["query", "www.example.com", "AAAA", "@10.0.0.53"], /^NOERROR .* udp\n2001:db8::80\n$/],
    [["query", "www.example.com", "A", "@10.0.0.53", "--tls"], /^NOERROR .* tls\n192\.0\.2\.80\n$/],
    [["query", "nothing.example.com", "A", "@192.168.1.20"], /^NXDOMAIN \(.*\), 0 records, /],
  ])("dns-lb-agent %j works", async (words, shows) => {
    expect(await agent(await leaderOf(lab), ...words)).toMatch(shows);
  });

  test.each([
    [["haproxy", "bogus"], "dns-lb-agent: haproxy: Unknown command"],
    [["dnsdist", "bogus()"], "dns-lb-agent: dnsdist: [string"],
    [["dnsdist", "bogus("], "dns-lb-agent: dnsdist: [string"],
  ])("fails when asked for %j", async (words, reason) => {
    const outcome = await lab.node("lb1").agent(...words);
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toContain(reason);
  });

  test("ss shows who listens", async () => {
    const { stdout } = await lab.node("lb1").exec(["ss", "-lntup"]);
    expect(stdout).toMatch(/^udp .* 0\.0\.0\.0:53 .*"dnsdist"/m);
    expect(stdout).toMatch(/^tcp .* 10\.0\.0\.53:53 .*"haproxy"/m);
  });

  test("dnsdist does not give its console's key away", async () => {
    const { run } = lab.node("lb1").nodeSpec.profile.paths;
    expect(await agent("lb1", "dnsdist", `return io.open("${run}/dnsdist.key"):read("*l")`)).toBe("(hidden)\n");
  });
});
