import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Progress } from "../../scripts/progress.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A screen that keeps what is written. */
class Screen {
  text = "";

  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}

  write(text: string): void {
    this.text += text;
  }
}

const ERASE = "\r\u001b[K";
const lasting = (milliseconds: number) => () => vi.advanceTimersByTimeAsync(milliseconds).then(() => undefined);

test("a step is told when it begins and timed when it ends, also when it fails", async () => {
  const screen = new Screen(false, 0);
  const progress = new Progress(2, screen);
  const first = await progress.step("starting", async () => {
    expect(screen.text).toBe("[1/2] starting ... ");
    return 7;
  });
  expect(first).toBe(7);
  const failing = progress.step("breaking", () => Promise.reject(new RangeError("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect(screen.text).toBe("[1/2] starting ... 0.0 s\n\n[2/2] breaking ... failed after 0.0 s\n");
  expect(progress.times.map(({ step }) => step)).toEqual(["starting", "breaking"]);
});

describe("a step that takes longer than two seconds", () => {
  test("is counted at a terminal, with what of it is being done", async () => {
    const screen = new Screen(true, 60);
    await new Progress(1, screen).step("starting", async (tell) => {
      await lasting(2_500)();
      tell("node lb1 takes its release");
      await lasting(1_000)();
    });
    const lines = ["", "2 s", "3 s, node lb1 takes its release", "3.5 s\n"].map((end) => `[1/1] starting ... ${end}`);
    expect(screen.text).toBe(lines.join(ERASE));
  });

  test("has no details and no control characters elsewhere", async () => {
    const screen = new Screen(false, 80);
    await new Progress(1, screen).step("starting", async (tell) => {
      tell("node lb1 takes its release");
      await lasting(60_000)();
    });
    expect(screen.text).toBe("[1/1] starting ... 60.0 s\n");
  });

  test.each([
    ["narrower than the step", 10, "xterm"],
    ["that says nothing of its width", 0, "xterm"],
    ["that cannot rewrite lines", 80, "dumb"],
  ])("is not counted at a terminal %s", async (_, columns, kind) => {
    vi.stubEnv("TERM", kind);
    const screen = new Screen(true, columns);
    await new Progress(1, screen).step("starting", lasting(5_000));
    expect(screen.text).toBe("[1/1] starting ... 5.0 s\n");
  });
});

test("a quick step is not counted at a terminal", async () => {
  const screen = new Screen(true, 80);
  await new Progress(1, screen).step("starting", lasting(1_900));
  expect(screen.text).toBe("[1/1] starting ... 1.9 s\n");
});
