import { expect, test } from "vitest";
import { figuresOf, type Run } from "../../../tools/quickstart/figures.js";
import { GOOD } from "./results.js";

const RUN: Run = {
  results: GOOD,
  errors: [],
  versions: { haproxy: "2.6.12", dnsdist: "1.7.3" },
  steps: [{ step: "starting", seconds: 3.81 }],
  seconds: 47.123456,
};

/* The names and kinds of everything in a JSON text. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

test("machines read the verdict, the bounds, versions, times and all results", () => {
  const read: unknown = JSON.parse(JSON.stringify(figuresOf(RUN)));
  expect(read).toMatchObject({
    schema: 1,
    verdict: { passed: true, faults: [] },
    seconds: 47.123,
    versions: RUN.versions,
    steps: RUN.steps,
    errors: [],
    results: GOOD,
  });
  expect(shapeOf(read)).toMatchInlineSnapshot(`
    {
      "bounds": [
        {
          "kept": "boolean",
          "limit": {
            "atMost": "number",
          },
          "name": "string",
          "seen": "number",
          "unit": "string",
        },
      ],
      "errors": [],
      "results": {
        "health": {
          "node": "string",
          "servers": [
            {
              "dnsdistUdp": "string",
              "pool": "string",
              "server": "string",
              "up": "boolean",
            },
          ],
        },
        "listsChanged": {
          "afterwards": [
            {
              "expected": [
                "string",
              ],
              "frontend": "string",
              "servers": [
                "string",
              ],
              "transport": "string",
            },
          ],
          "applyMilliseconds": "number",
          "changes": [
            {
              "added": "string",
              "frontend": "string",
              "removed": "string",
            },
          ],
          "deadServer": "string",
          "flows": [
            {
              "address": "string",
              "answers": {
                "resolver2": "number",
              },
              "family": "string",
              "frontend": "string",
              "lost": "number",
              "lostAt": [],
              "sent": "number",
              "transport": "string",
              "worstDelay": "number",
              "wrong": "number",
            },
          ],
        },
        "masterKilled": {
          "flows": [
            {
              "address": "string",
              "answers": {
                "resolver2": "number",
              },
              "family": "string",
              "frontend": "string",
              "longestGap": "number",
              "lost": "number",
              "lostAt": [],
              "sent": "number",
              "transport": "string",
              "worstDelay": "number",
              "wrong": "number",
            },
          ],
          "node": "string",
          "successor": "string",
          "unmoved": [],
        },
        "queries": [
          {
            "address": "string",
            "alpn": "string",
            "answers": [
              "string",
            ],
            "family": "string",
            "frontend": "string",
            "milliseconds": "number",
            "right": "boolean",
            "status": "string",
            "tlsVersion": "string",
            "transport": "string",
          },
        ],
        "resolverKilled": {
          "computedDetection": "number",
          "flows": [
            {
              "address": "string",
              "answers": {
                "resolver2": "number",
              },
              "family": "string",
              "frontend": "string",
              "lost": "number",
              "lostAfter": "number",
              "lostAt": [],
              "lostBefore": "number",
              "sent": "number",
              "transport": "string",
              "worstDelay": "number",
              "wrong": "number",
            },
          ],
          "seenDetection": {
            "dnsdist": "number",
            "haproxy": "number",
          },
          "server": "string",
        },
        "start": {
          "milliseconds": "number",
        },
        "synthesis": {
          "differing": [],
          "files": "number",
          "resources": "number",
          "stacks": [
            "string",
          ],
        },
        "takenDown": {
          "directories": [],
          "namespaces": [],
          "namespacesBefore": "number",
          "processes": [],
          "processesBefore": "number",
        },
        "topology": {
          "frontends": [],
          "nodes": [],
          "pools": [],
          "virtualAddresses": [],
        },
      },
      "schema": "number",
      "seconds": "number",
      "steps": [
        {
          "seconds": "number",
          "step": "string",
        },
      ],
      "verdict": {
        "faults": [],
        "passed": "boolean",
      },
      "versions": {
        "dnsdist": "string",
        "haproxy": "string",
      },
    }
  `);
});

test("a bound has its limit and what was seen as numbers", () => {
  const { bounds } = figuresOf(RUN);
  expect(bounds).toContainEqual({
    ...{ name: "longest gap after the master's death", unit: "ms" },
    ...{ limit: { below: 1_500 }, seen: 1_499, kept: true },
  });
  expect(bounds).toContainEqual({
    ...{ name: "lost while lists of servers change", unit: "" },
    ...{ limit: { atMost: 0 }, seen: 0, kept: true },
  });
});

test("fails when a run broke off: what it did not measure is absent, not 0", () => {
  const { verdict, bounds, results } = figuresOf({ ...RUN, results: {}, errors: ["no lab"] });
  expect(verdict.passed).toBe(false);
  expect(verdict.faults[0]).toBe("no lab");
  expect(bounds.every((bound) => !("seen" in bound) && !bound.kept)).toBe(true);
  expect(results).toEqual({});
});
