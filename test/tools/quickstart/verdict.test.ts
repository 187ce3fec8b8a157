import { describe, expect, test } from "vitest";
import { showBounds, showVerdict, verdictOf } from "../../../scripts/figures/bounds.js";
import type { Results } from "../../../tools/quickstart/report.js";
import { boundsOf } from "../../../tools/quickstart/verdict.js";
import { flow, GOOD } from "./results.js";

const { synthesis, start, queries, health, resolverKilled, listsChanged, masterKilled, takenDown } = GOOD;

/* The names of the bounds that some results do not keep. */
function violated(results: Results): string[] {
  return boundsOf(results).flatMap(({ name, kept }) => (kept ? [] : [name]));
}

test("a run at its limits keeps every bound", () => {
  expect(violated(GOOD)).toEqual([]);
  const bounds = boundsOf(GOOD);
  const verdict = verdictOf(bounds, []);
  expect(verdict).toEqual({ passed: true, faults: [] });
  expect(showVerdict(verdict, bounds, 47.16)).toBe("PASSED: all 16 bounds kept, in 47.2 s");
});

/* One result after the other that breaks exactly one bound. */
const FAULTS: readonly [string, Results][] = [
  [
    "synthesized files that differ from the model's",
    { synthesis: { ...synthesis, differing: ["lb1: manifest.json"] } },
  ],
  ["start of the lab", { start: { ...start, milliseconds: 20_001 } }],
  ["queries not answered as they must be", { queries: queries.map((query) => ({ ...query, right: false })) }],
  [
    "servers that are not up",
    { health: { ...health, servers: health.servers.map((each) => ({ ...each, up: false })) } },
  ],
  [
    "detection of a dead resolver",
    { resolverKilled: { ...resolverKilled, seenDetection: { haproxy: 11_001, dnsdist: 7_000 } } },
  ],
  [
    "lost after a dead resolver was detected",
    { resolverKilled: { ...resolverKilled, flows: [{ ...flow({ lost: 1 }), lostBefore: 0, lostAfter: 1 }] } },
  ],
  [
    "answered wrongly while a resolver is dead",
    { resolverKilled: { ...resolverKilled, flows: [{ ...flow({ wrong: 1 }), lostBefore: 0, lostAfter: 0 }] } },
  ],
  ["lost while lists of servers change", { listsChanged: { ...listsChanged, flows: [flow(), flow({ lost: 1 })] } }],
  ["answered by a wrong pool meanwhile", { listsChanged: { ...listsChanged, flows: [flow({ wrong: 1 }), flow()] } }],
  [
    "pools not served by exactly their new list",
    {
      listsChanged: {
        ...listsChanged,
        afterwards: listsChanged.afterwards.map((each) => ({ ...each, servers: ["a"] })),
      },
    },
  ],
  [
    "longest gap after the master's death",
    { masterKilled: { ...masterKilled, flows: [...masterKilled.flows, { ...flow(), longestGap: 1_500 }] } },
  ],
  [
    "answered wrongly after the master's death",
    { masterKilled: { ...masterKilled, flows: [{ ...flow({ wrong: 2 }), longestGap: 600 }] } },
  ],
  ["virtual addresses that did not move", { masterKilled: { ...masterKilled, unmoved: ["fd53::53"] } }],
  ["processes left behind", { takenDown: { ...takenDown, processes: ["unbound -d"] } }],
  ["network namespaces left behind", { takenDown: { ...takenDown, namespaces: ["dnslb-quickstart-lb1"] } }],
  ["directories left behind", { takenDown: { ...takenDown, directories: ["/run/dnslb-quickstart"] } }],
];

test.each(FAULTS)("fails when violated: %s", (name, fault) => {
  const results = { ...GOOD, ...fault };
  expect(violated(results)).toEqual([name]);
  expect(verdictOf(boundsOf(results), []).passed).toBe(false);
});

test("every bound has a fault that breaks it", () => {
  expect(FAULTS.map(([name]) => name)).toEqual(boundsOf(GOOD).map(({ name }) => name));
});

describe("nothing is believed that was not measured", () => {
  test("fails when a step was not reached", () => {
    expect(violated({})).toEqual(boundsOf({}).map(({ name }) => name));
    const { listsChanged: _, ...others } = GOOD;
    expect(violated(others)).toEqual([
      "lost while lists of servers change",
      "answered by a wrong pool meanwhile",
      "pools not served by exactly their new list",
    ]);
  });

  test("fails when a flow sent nothing", () => {
    expect(violated({ ...GOOD, listsChanged: { ...listsChanged, flows: [flow(), flow({ sent: 0 })] } })).toEqual([
      "lost while lists of servers change",
      "answered by a wrong pool meanwhile",
    ]);
    expect(violated({ ...GOOD, masterKilled: { ...masterKilled, flows: [] } })).toEqual([
      "longest gap after the master's death",
      "answered wrongly after the master's death",
    ]);
  });

  test("fails when there was nothing to ask", () => {
    expect(violated({ ...GOOD, queries: [] })).toEqual(["queries not answered as they must be"]);
  });

  test("fails when one daemon never saw the death of a resolver", () => {
    const seenDetection = { haproxy: 6_900 };
    expect(violated({ ...GOOD, resolverKilled: { ...resolverKilled, seenDetection } })).toEqual([
      "detection of a dead resolver",
    ]);
  });
});

test("fails when something went wrong, whatever the bounds", () => {
  const bounds = boundsOf(GOOD);
  const verdict = verdictOf(bounds, ["the lab is ready: not within 30000 ms\n--- lb1 haproxy"]);
  expect(verdict).toEqual({ passed: false, faults: ["the lab is ready: not within 30000 ms"] });
  expect(showVerdict(verdict, bounds, 10)).toBe("FAILED: the lab is ready: not within 30000 ms");
});

test("fails in few words when a run broke off", () => {
  const verdict = verdictOf(boundsOf({ synthesis: { ...synthesis, differing: ["lb1: manifest.json"] } }), ["no lab"]);
  expect(verdict).toEqual({
    passed: false,
    faults: ["no lab", "synthesized files that differ from the model's: 1, must be 0", "15 bounds not measured"],
  });
});

test("the verdict says which bounds are violated, and what was seen", () => {
  const results = {
    ...GOOD,
    masterKilled: { ...masterKilled, unmoved: ["fd53::53"], flows: [{ ...flow(), longestGap: 2_310 }] },
  };
  const { takenDown: _, ...unfinished } = results;
  const bounds = boundsOf(unfinished);
  expect(showVerdict(verdictOf(bounds, []), bounds, 47)).toMatchInlineSnapshot(
    `"FAILED: longest gap after the master's death: 2310 ms, must be below 1500 ms; virtual addresses that did not move: 1, must be 0; processes left behind: not measured; network namespaces left behind: not measured; directories left behind: not measured"`,
  );
  expect(showBounds(bounds)).toMatchInlineSnapshot(`
    "promised                                        limit             seen
    synthesized files that differ from the model's  0                 0             kept
    start of the lab                                at most 20000 ms  20000 ms      kept
    queries not answered as they must be            0                 0             kept
    servers that are not up                         0                 0             kept
    detection of a dead resolver                    at most 11000 ms  11000 ms      kept
    lost after a dead resolver was detected         0                 0             kept
    answered wrongly while a resolver is dead       0                 0             kept
    lost while lists of servers change              0                 0             kept
    answered by a wrong pool meanwhile              0                 0             kept
    pools not served by exactly their new list      0                 0             kept
    longest gap after the master's death            below 1500 ms     2310 ms       VIOLATED
    answered wrongly after the master's death       0                 0             kept
    virtual addresses that did not move             0                 1             VIOLATED
    processes left behind                           0                 not measured  VIOLATED
    network namespaces left behind                  0                 not measured  VIOLATED
    directories left behind                         0                 not measured  VIOLATED"
  `);
});
