import { describe, expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { compileDnsdistPolicy } from "../../../lib/node/compile/dnsdist.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { daemonWatches } from "../../../lib/node/compile/watch.js";
import { dnsListener, FRONTEND, PAIR, POOL, PROFILE } from "./models.js";

const [lb1, lb2] = PAIR.nodes as [NodeDescription, NodeDescription];
const STANDALONE: LoadBalancer = { ...PAIR, nodes: [lb1], virtualAddresses: [], mobility: { kind: "fixed" } };
const checksOf = (loadBalancer: LoadBalancer, node: NodeDescription) =>
  compileNode(loadBalancer, node, PROFILE).manifest.watch.checks;
const pools = (loadBalancer: LoadBalancer, node: NodeDescription) =>
  checksOf(loadBalancer, node).filter((check) => check.kind === "pool");

describe("the watch of a node", () => {
  test("asks the daemons themselves, on loopback", () => {
    expect(checksOf(PAIR, lb1).slice(0, 2)).toEqual([
      { name: "dnsdist", kind: "daemon", check: expect.objectContaining({ kind: "dns", port: 53 }) },
      { name: "haproxy", kind: "daemon", check: expect.objectContaining({ kind: "http", port: 8405 }) },
    ]);
    for (const check of checksOf(PAIR, lb1)) {
      if (check.kind === "pool") expect(check.alive.address).toBe("127.0.0.1");
      else if (check.check.kind === "dns") expect(check.check.address).toBe("127.0.0.1");
    }
  });

  test("runs as a user of its own, who alone writes its results", () => {
    const { services, watch, user } = compileNode(PAIR, lb1, PROFILE).manifest;
    expect(services.map((each) => [each.name, each.user])).toEqual([
      ...[
        ["haproxy", user],
        ["dnsdist", user],
        ["watch", PROFILE.watchUser],
      ],
      ["keepalived", "root"],
    ]);
    expect(PROFILE.watchUser).not.toBe(user);
    expect(watch.results).toEqual({ folder: "results", user: PROFILE.watchUser });
  });

  test("asks the other node whether a pool is better there, at its first address", () => {
    const [first] = pools(PAIR, lb1);
    const [second] = pools(PAIR, lb2);
    expect(first).toMatchObject({ name: "pool-resolvers", peers: ["10.0.0.3"] });
    expect(second).toEqual({ ...first, peers: ["10.0.0.2"] });
  });

  test("knows the pools of a node without peers, too", () => {
    expect(pools(STANDALONE, lb1)).toMatchObject([{ name: "pool-resolvers", peers: [] }]);
    const policy = JSON.stringify(
      compileDnsdistPolicy({ loadBalancer: STANDALONE, node: lb1, peers: [], profile: PROFILE }),
    );
    expect(policy).not.toContain("EDNSOptionRule");
  });

  test.each(["1s", "2s", "5s"] as const)(
    "waits for the other node's probe, %s apart, where there is no proof",
    (interval) => {
      const pool = { ...POOL, healthCheck: { ...POOL.healthCheck, interval } };
      const [check] = pools({ ...PAIR, frontends: [{ ...FRONTEND, pool }] }, lb1);
      const timeout = Number.parseInt(POOL.healthCheck.timeout, 10);
      expect(check?.patience).toBeGreaterThan(Number.parseInt(interval, 10) * (1_000 + timeout));
    },
  );

  test("finds each pool at the other node by an option of its own, which only nodes may use", () => {
    const frontends = ["a", "b"].map((name) => ({
      ...FRONTEND,
      name,
      pool: { ...POOL, name },
      listeners: [dnsListener(name)],
    }));
    const both = { ...PAIR, frontends };
    // The code of the option stands before its length, which is 0.
    const options = pools(both, lb1).map(({ proof }) => Number.parseInt(proof.slice(-8, -4), 16));
    expect(options).toEqual([65_001, 65_002]);
    const { rules } = compileDnsdistPolicy({ loadBalancer: both, node: lb2, peers: [lb1], profile: PROFILE });
    for (const [index, option] of options.entries()) {
      const rule = rules.find(({ rule }) => JSON.stringify(rule).includes(String(option)));
      const text = JSON.stringify(rule);
      for (const part of [
        "10.0.0.2/32",
        "10.0.0.3/32",
        "EDNSOptionRule",
        "QNameRule",
        "QTypeRule",
        "PoolAction",
        `"${["a", "b"][index]}"`,
      ]) {
        expect(text).toContain(part);
      }
    }
  });

  test("belongs to every node, and comes before what is told of its checks", () => {
    const services = (loadBalancer: LoadBalancer) =>
      compileNode(loadBalancer, lb1, PROFILE).manifest.services.map(({ name }) => name);
    expect(services(STANDALONE)).toEqual(["haproxy", "dnsdist", "watch"]);
    expect(services(PAIR)).toEqual(["haproxy", "dnsdist", "watch", "keepalived"]);
  });

  test("asks a daemon in as many checks as it has addresses, each with a name of its own", () => {
    const check = { kind: "dns", service: "nsd", port: 53, name: "a.", proxyProtocol: false } as const;
    const ready = ["192.0.2.1", "2001:db8::1", "192.0.2.3"].map((address) => ({ ...check, address }));
    expect(daemonWatches(ready)).toEqual(
      ["nsd", "nsd-2", "nsd-3"].map((name, index) => ({ kind: "daemon", name, check: ready[index] })),
    );
  });
});
