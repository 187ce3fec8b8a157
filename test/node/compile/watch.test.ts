import { describe, expect, test } from "vitest";
import type { LoadBalancerNode } from "../../../lib/model/load-balancer.js";
import type { WatchCheck } from "../../../lib/model/node-spec.js";
import { compileDnsdistPolicy } from "../../../lib/node/compile/dnsdist.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { compileWatch } from "../../../lib/node/compile/watch.js";
import { dnsListener, FRONTEND, PAIR, POOL, PROFILE } from "./models.js";

const [lb1, lb2] = PAIR.nodes as [LoadBalancerNode, LoadBalancerNode];
const pools = (checks: readonly WatchCheck[]) => checks.filter((check) => check.kind === "pool");

describe("the watch of a node", () => {
  test("asks the daemons themselves, on loopback", () => {
    expect(compileWatch(PAIR, lb1).checks.slice(0, 2)).toEqual([
      { name: "dnsdist", kind: "daemon", check: expect.objectContaining({ kind: "dns", port: 53 }) },
      { name: "haproxy", kind: "daemon", check: expect.objectContaining({ kind: "http", port: 8405 }) },
    ]);
    for (const check of compileWatch(PAIR, lb1).checks) expect(check).not.toHaveProperty("check.address");
  });

  test("asks the other node whether a pool is better there, and for the pool's own probe as a proof", () => {
    const [first] = pools(compileWatch(PAIR, lb1).checks);
    const [second] = pools(compileWatch(PAIR, lb2).checks);
    const { name, type, recursionDesired } = POOL.healthCheck;
    expect(first).toMatchObject({ peer: "10.0.0.3", proof: { name, type, recursionDesired } });
    expect(second).toEqual({ ...first, peer: "10.0.0.2" });
  });

  test.each(["1s", "2s", "5s"] as const)(
    "waits for the other node's probe, %s apart, where there is no proof",
    (interval) => {
      const pool = { ...POOL, healthCheck: { ...POOL.healthCheck, interval } };
      const [check] = pools(compileWatch({ ...PAIR, frontends: [{ ...FRONTEND, pool }] }, lb1).checks);
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
    const options = pools(compileWatch(both, lb1).checks).map(({ option }) => option);
    expect(new Set(options).size).toBe(2);
    const { rules } = compileDnsdistPolicy(both, lb2, PROFILE);
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

  test("belongs to the nodes of a pair alone", () => {
    const { name, frontends } = PAIR;
    const alone = compileNode({ name, frontends, nodes: [lb1], virtualAddresses: [] }, lb1, PROFILE);
    expect(alone.manifest.watch).toBeUndefined();
    expect(alone.manifest.services.map(({ name }) => name)).toEqual(["haproxy", "dnsdist"]);
    const { services } = compileNode(PAIR, lb1, PROFILE).manifest;
    // Before keepalived is told of a check, the check is there.
    expect(services.map(({ name }) => name)).toEqual(["haproxy", "dnsdist", "watch", "keepalived"]);
  });
});
