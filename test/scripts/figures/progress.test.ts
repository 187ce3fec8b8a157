import { expect, test } from "vitest";
import { Progress } from "../../../scripts/figures/progress.js";

test("a step is told when it begins and timed when it ends, also when it fails", async () => {
  let text = "";
  const progress = new Progress(2, (words) => {
    text += words;
  });
  const first = await progress.step("starting", async () => {
    expect(text).toBe("[1/2] starting ... ");
    return 7;
  });
  expect(first).toBe(7);
  const failing = progress.step("breaking", () => Promise.reject(new RangeError("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect(text).toMatch(/^\[1\/2\] starting \.\.\. \d+\.\d s\n\n\[2\/2\] breaking \.\.\. failed after \d+\.\d s\n$/);
  expect(progress.times.map(({ step }) => step)).toEqual(["starting", "breaking"]);
});
