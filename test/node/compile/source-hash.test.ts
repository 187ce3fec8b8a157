import { describe, expect, test } from "vitest";
import type { PoolMember } from "../../../lib/model/pool-member.js";
import { ringFactor, ringIds } from "../../../lib/node/compile/source-hash.js";

const server = (name: string, weight = 1): PoolMember => ({ name, address: "192.0.2.1", port: 53, weight });

describe("ringIds()", () => {
  test("follow from the names, whatever their order and number", () => {
    const [a, b, c] = ["resolver1", "resolver2", "resolver3"].map((name) => server(name)) as [
      PoolMember,
      PoolMember,
      PoolMember,
    ];
    const all = ringIds([a, b, c]);
    expect(ringIds([c, a, b])).toEqual(all);
    expect(ringIds([b])).toEqual(new Map([["resolver2", all.get("resolver2")]]));
    expect([...all.values()].every((id) => id > 0 && id < 2 ** 20)).toBe(true);
  });

  test("differ, although many names share one", () => {
    const many = Array.from({ length: 4_000 }, (_, at) => server(`resolver${at}`));
    const ids = ringIds(many);
    expect(new Set(many.map(({ name }) => ringIds([server(name)]).get(name))).size).toBeLessThan(many.length);
    expect(new Set(ids.values()).size).toBe(many.length);
    expect(ringIds([...many].reverse())).toEqual(ids);
  });
});

test.each([
  [[1], 16],
  [[1, 16], 16],
  [[1, 17], 1],
  [[256], 1],
])("weights %j are multiplied by %i", (weights, factor) => {
  expect(ringFactor(weights.map((weight, at) => server(`r${at}`, weight)))).toBe(factor);
  expect(Math.max(...weights) * factor).toBeLessThanOrEqual(256);
});
