import { describe, expect, test } from "vitest";
import { INSTALLATION } from "../../../lib/core/installation.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { configurationOf } from "../../../lib/node/compile/configuration.js";
import { FRONTEND, PAIR, POOL } from "./models.js";

const withToken = (value: string, name = "password"): LoadBalancer => ({
  ...PAIR,
  statistics: { addresses: [], port: 8404, user: "ops", password: { kind: "variable", name, value } },
});
const BASE = configurationOf(PAIR);

/** The same with the members of every object the other way round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reversed(member)])
      .reverse(),
  ) as T;
}

describe("the digest of a configuration", () => {
  test("is of a library's version", () => {
    expect(INSTALLATION.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test("is the same while a node is out of service", () => {
    const nodes = PAIR.nodes.map((node) => ({ ...node, outOfService: true }));
    expect(configurationOf({ ...PAIR, nodes })).toBe(BASE);
  });

  test("does not depend on the order of what has none", () => {
    const turned: LoadBalancer = {
      ...PAIR,
      nodes: [...PAIR.nodes].reverse(),
      virtualAddresses: [...PAIR.virtualAddresses].reverse(),
      frontends: [{ ...FRONTEND, pool: { ...POOL, servers: [...POOL.servers].reverse() } }],
    };
    expect(configurationOf(turned)).toBe(BASE);
    expect(configurationOf(reversed(PAIR))).toBe(BASE);
    const frontends = ["a", "b"].map((name) => ({ ...FRONTEND, name }));
    expect(configurationOf({ ...PAIR, frontends: [...frontends].reverse() })).toBe(
      configurationOf({ ...PAIR, frontends }),
    );
  });

  test("depends on the order of rules, of which the first decides", () => {
    const of = (...actions: ("refuse" | "drop")[]) =>
      configurationOf({
        ...PAIR,
        frontends: [
          {
            ...FRONTEND,
            accessRules: actions.map((action) => ({ action, from: ["192.0.2.0/24"], names: [], types: [] })),
          },
        ],
      });
    expect(of("refuse", "drop")).not.toBe(of("drop", "refuse"));
  });

  test("does not depend on the token of a secret, and does on which secret it is", () => {
    expect(configurationOf(withToken("a token"))).toBe(configurationOf(withToken("another token")));
    expect(configurationOf(withToken("a token", "other"))).not.toBe(configurationOf(withToken("a token")));
  });

  test.each<[string, Partial<LoadBalancer>]>([
    ["name", { name: "other" }],
    ["a node's address", { nodes: PAIR.nodes.map((node) => ({ ...node, addresses: ["10.0.0.9"] })) }],
    ["what brings addresses", { mobility: { kind: "vrrp", virtualRouterId: 54, advertisementInterval: "200ms" } }],
    ["a pool", { frontends: [{ ...FRONTEND, pool: { ...POOL, whenAllDown: "refuse" } }] }],
  ])("depends on %s", (_, changes) => {
    expect(configurationOf({ ...PAIR, ...changes })).not.toBe(BASE);
  });
});
