import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../constructs.js";
import { planOf } from "./draw/app.js";
import { EVERYTHING } from "./everything.js";
import { writeFiles } from "./files.js";
import { judge } from "./judge.js";
import { odd, type Plan, ref } from "./plan.js";
import { brokenOut } from "./read-back.js";
import { reduced } from "./reduce.js";
import { summaryOf } from "./summary.js";

const folder = join(scratch, "judge");
mkdirSync(folder, { recursive: true });
const surroundings = { outdir: join(folder, "out"), fileOf: writeFiles(folder) };

test("the same seed and number give the same app, others another", () => {
  expect(planOf(1, 7)).toEqual(planOf(1, 7));
  expect(planOf(1, 7)).not.toEqual(planOf(1, 8));
  expect(planOf(1, 7)).not.toEqual(planOf(2, 7));
});

test("a refusal has our codes; what else is thrown is a finding", () => {
  const pool = (servers: Plan["steps"][number]["props"]): Plan => ({
    steps: [{ make: "ResolverPool", id: "Pool", in: "dns", props: { servers } }],
  });
  expect(judge(pool(odd("nan")), surroundings)).toMatchObject({ kind: "refused", codes: ["DNSLB103"] });
  expect(judge(pool(ref("nobody")), surroundings)).toMatchObject({
    kind: "finding",
    text: expect.stringContaining("RangeError"),
  });
});

test("a finding is reduced to what it takes", async () => {
  const { standalone = { steps: [] } } = EVERYTHING;
  const fails = async ({ steps }: Plan) =>
    steps.some(({ make, props }) => make === "ResolverPool" && "balance" in Object(props));
  expect(await reduced(standalone, fails, 10_000)).toEqual({
    steps: [{ make: "ResolverPool", id: "Pool", in: "dns", props: { balance: expect.anything() } }],
  });
});

test("a text that leaves its place is seen", () => {
  const base = { server: ["check", "one"], names: ["one."] };
  expect(brokenOut(base, { server: ["check", "a b"], names: ["a b."] }, "one", "a b")).toBeUndefined();
  expect(brokenOut(base, { server: ["check", "a", "b"], names: ["a b."] }, "one", "a b")).toContain("2 became 3");
  expect(brokenOut(base, { server: ["check", "a"], names: ["a b."] }, "one", "a b")).toContain('"one" became "a"');
  expect(brokenOut(base, { server: ["check", "a b"], other: ["a b."] }, "one", "a b")).toContain("key");
});

test("the summary fails on a finding, on properties that are never drawn, on too many refusals", () => {
  const common = { codes: [], text: "", drawn: ["a(b)"], answered: 0, notStarted: [] };
  const outcomes = (...kinds: ("accepted" | "refused" | "finding")[]) =>
    kinds.map((kind, run) => ({ ...common, run, kind }));
  const isGood = (...kinds: ("accepted" | "refused" | "finding")[]) =>
    summaryOf(outcomes(...kinds), ["a(b)"], { isWhole: true }).isGood;
  expect(isGood("accepted", "refused")).toBe(true);
  expect(isGood("accepted", "finding")).toBe(false);
  expect(isGood("accepted", "refused", "refused")).toBe(false);
  expect(summaryOf(outcomes("accepted"), ["a(b)", "c(d)"], { isWhole: true })).toMatchObject({
    isGood: false,
    text: expect.stringContaining("never: c(d)"),
  });
});
