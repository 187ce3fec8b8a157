import { expect, test } from "vitest";
import type { Pool } from "../../lib/model/pool.js";
import { brokenRules } from "../../lib/rules/index.js";
import { frontend, resolverPool, servers, standalone } from "../lab/models.js";

const pool = (count: number, timing: Partial<Pool["healthCheck"]>, name = "resolvers"): Pool => {
  const base = resolverPool({ name, servers: servers("r", "192.168.1.1", count) });
  return { ...base, healthCheck: { ...base.healthCheck, kind: "external", script: "#!/bin/sh\n", ...timing } };
};
const broken = (...pools: readonly Pool[]) =>
  brokenRules(
    standalone({
      frontends: pools.map((each, at) => frontend({ name: each.name, addresses: [`10.0.0.${at + 2}`], pool: each })),
      nodes: [{ name: "lb1", addresses: pools.map((_, at) => `10.0.0.${at + 2}`), interface: "eth0" }],
    }),
  ).filter(({ code }) => code === "DNSLB022");

test("scripts that can always run when they are due are no problem", () => {
  expect(broken(pool(64, { interval: "2s", timeout: "1s" }))).toEqual([]);
  expect(
    broken(pool(100, { interval: "20s", timeout: "5s" }), pool(14, { interval: "2s", timeout: "1s" }, "b")),
  ).toEqual([]);
  expect(broken({ ...pool(200, {}), healthCheck: resolverPool().healthCheck })).toEqual([]);
});

test("fails when scripts need more runs at a time than a node makes, of all pools together", () => {
  expect(broken(pool(65, { interval: "2s", timeout: "1s" }))).toMatchInlineSnapshot(`
    [
      {
        "code": "DNSLB022",
        "message": "has scripts that may need 33 runs at a time, and a node makes 32 at most: pool "resolvers" has 65 servers, each for "1s" of every "2s"; lower 'timeout' or raise 'interval' of HealthCheck.external()",
        "part": {
          "kind": "load-balancer",
        },
        "property": "",
      },
    ]
  `);
  expect(
    broken(pool(100, { interval: "20s", timeout: "5s" }), pool(15, { interval: "2s", timeout: "1s" }, "others")),
  ).toMatchInlineSnapshot(`
    [
      {
        "code": "DNSLB022",
        "message": "has scripts that may need 33 runs at a time, and a node makes 32 at most: pool "others" has 15 servers, each for "1s" of every "2s", pool "resolvers" has 100 servers, each for "5s" of every "20s"; lower 'timeout' or raise 'interval' of HealthCheck.external()",
        "part": {
          "kind": "load-balancer",
        },
        "property": "",
      },
    ]
  `);
});
