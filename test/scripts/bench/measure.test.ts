import { expect, test } from "vitest";
import { BenchError } from "../../../scripts/bench/errors.js";
import { measured, untilItCounts } from "../../../scripts/bench/measure.js";

/** A run that fails so often before it works. */
function failing(times: number, error: Error) {
  const state = { runs: 0 };
  const run = async () => {
    state.runs += 1;
    if (state.runs <= times) throw error;
    return state.runs;
  };
  return { state, run };
}

test("a run that does not count is made anew", async () => {
  const { run } = failing(3, new BenchError("answers were lost"));
  expect(await untilItCounts(run)).toBe(4);
});

test("fails when no run counts", async () => {
  const { state, run } = failing(9, new BenchError("answers were lost"));
  await expect(untilItCounts(run)).rejects.toThrow("answers were lost");
  expect(state.runs).toBe(4);
});

test("fails when something else goes wrong, at once", async () => {
  const { state, run } = failing(1, new Error("no such program"));
  await expect(untilItCounts(run)).rejects.toThrow("no such program");
  expect(state.runs).toBe(1);
});

test("a subject is warmed up before each run", async () => {
  const steps: string[] = [];
  const subject = { name: "straight", title: "", address: "10.0.1.1", port: 53 };
  const { run } = failing(1, new BenchError("answers were lost"));
  const note = (step: string) => async () => {
    steps.push(step);
  };
  await measured(subject, note("warm"), async () => {
    steps.push("run");
    return run();
  });
  expect(steps).toEqual(["warm", "run", "warm", "run"]);
});

test("what is lost while a subject warms up does not count", async () => {
  const subject = { name: "straight", title: "", address: "10.0.1.1", port: 53 };
  const cold = failing(9, new BenchError("answers were lost"));
  expect(await measured(subject, cold.run, async () => "measured")).toBe("measured");
  const broken = failing(9, new Error("no such program"));
  await expect(measured(subject, broken.run, async () => "measured")).rejects.toThrow("no such program");
});
