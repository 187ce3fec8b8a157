import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { detectionTime } from "../../lib/model/health-check.js";
import { poolsOf } from "../../lib/model/load-balancer.js";
import type { Detection } from "../../lib/review/detection.js";
import { detectionsOf, OLD_HEARTBEAT } from "../../lib/review/detections.js";
import { DECISION } from "../../lib/review/group-detection.js";
import { type Reviewed, reviewedEverything, reviewedExamples } from "./reviewed.js";

let all: readonly Reviewed[];
beforeAll(async () => {
  all = [...(await reviewedExamples()), ...reviewedEverything()];
}, 60_000);

/** What a sum such as `3s (interval) × 2 (fall) + 400ms (timeout)` makes, in milliseconds. */
function sumOf(arithmetic: string): number {
  return arithmetic
    .replace(/ \([^)]*\)/g, "")
    .split(" + ")
    .map((product) =>
      product
        .split(" × ")
        .map(termOf)
        .reduce((a, b) => a * b, 1),
    )
    .reduce((a, b) => a + b, 0);
}

function termOf(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)(ms|s|m)?$/.exec(text) ?? [];
  if (digits === "") throw new RangeError(`not a value: ${text}`);
  return Number(digits) * ({ ms: 1, s: 1_000, m: 60_000 }[unit] ?? 1);
}

const detections = ({ loadBalancer, specs: [spec] }: Reviewed): readonly Detection[] => {
  if (spec === undefined) throw new RangeError("no node");
  return detectionsOf(loadBalancer, spec.manifest.watch);
};

test("the arithmetic that is shown makes the time that is shown", () => {
  const bounded = all.flatMap(detections).filter(({ longest }) => longest !== undefined);
  expect(bounded.length).toBeGreaterThan(30);
  for (const { failure, arithmetic, longest } of bounded) expect(sumOf(arithmetic), failure).toBe(longest);
});

test("the time of a server is the one that is computed elsewhere", () => {
  for (const reviewed of all) {
    for (const { name, healthCheck } of poolsOf(reviewed.loadBalancer)) {
      const found = detections(reviewed).find(({ failure }) => failure === `a server of ${name} hangs`);
      expect(found?.longest).toBe(detectionTime(healthCheck));
    }
  }
});

test("what only the agent's programs know is the same there", () => {
  const agent = join(__dirname, "../../lib/node/agent");
  const numberIn = (path: string, pattern: RegExp) =>
    Number(pattern.exec(readFileSync(join(agent, path), "utf8"))?.[1]);
  expect(numberIn("dnslb_agent/announcer.py", /^INTERVAL = ([\d.]+)$/m) * 1_000).toBe(DECISION);
  // An age is in whole seconds there, and the next one is too old.
  expect(numberIn("check", /^STALE=(\d+)$/m) + 1).toBe(OLD_HEARTBEAT);
});

test("a pair moves its addresses in the time that its adverts take", () => {
  const production = all.find(({ name }) => name === "production");
  const rows = production === undefined ? [] : detections(production);
  expect(rows.map(({ failure, longest }) => [failure, longest])).toMatchInlineSnapshot(`
    [
      [
        "a server of authoritative hangs",
        8000,
      ],
      [
        "a server of public-resolvers hangs",
        8000,
      ],
      [
        "a server of resolvers hangs",
        11000,
      ],
      [
        "the node that leads dies, or its network",
        605,
      ],
      [
        "HAProxy or dnsdist dies",
        1005,
      ],
      [
        "HAProxy or dnsdist hangs",
        1605,
      ],
      [
        "all servers of resolvers are dead for one node alone",
        26805,
      ],
      [
        "all servers of authoritative are dead for one node alone",
        18805,
      ],
      [
        "the watch dies",
        9605,
      ],
    ]
  `);
});

test("where one node stands alone, nothing takes over", () => {
  const quickstart = all.find(({ name }) => name === "quickstart");
  const rows = quickstart === undefined ? [] : detections(quickstart);
  expect(rows.map(({ failure, longest, outcome }) => [failure, longest, outcome])).toMatchInlineSnapshot(`
    [
      [
        "a server of resolvers hangs",
        8000,
        "it gets no more queries",
      ],
      [
        "the node dies",
        undefined,
        "nothing is served until it is back",
      ],
      [
        "HAProxy or dnsdist dies",
        undefined,
        "it is started again, within seconds",
      ],
      [
        "HAProxy or dnsdist hangs",
        1000,
        "the node reports it; nothing takes over",
      ],
    ]
  `);
});

test("a group is left by its routers in the time that BFD takes, and by itself as its checks fail", () => {
  const anycast = all.find(({ name }) => name === "anycast");
  const rows = anycast === undefined ? [] : detections(anycast);
  expect(rows.map(({ failure, longest, outcome }) => [failure, longest, outcome])).toMatchInlineSnapshot(`
    [
      [
        "a server of resolvers hangs",
        8000,
        "it gets no more queries",
      ],
      [
        "a node dies, or its network",
        900,
        "its routers send its clients to other nodes",
      ],
      [
        "a router dies",
        900,
        "its nodes answer by it until their own routes change",
      ],
      [
        "HAProxy or dnsdist dies",
        450,
        "the node withdraws its addresses, while a better one announces them",
      ],
      [
        "HAProxy or dnsdist hangs",
        1050,
        "the node withdraws its addresses, while a better one announces them",
      ],
      [
        "all servers of resolvers are dead for one node alone",
        19250,
        "the node announces a longer path, if more pools live on another",
      ],
      [
        "the watch dies",
        3050,
        "the node announces a longer path",
      ],
    ]
  `);
});
