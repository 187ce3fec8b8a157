import { describe, expect, test } from "vitest";
import { untilEndOfTest, verdict } from "../../../lib/testing/matchers/runner.js";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { nodeOf } from "../../../lib/testing/nodes-of.js";
import { appForMatchers } from "./app.js";
import { FakeJest } from "./jest.js";
import { message } from "./uses.js";

const lb1 = nodeOf(appForMatchers(), "lb1");

/** An asynchronous matcher that passes after some time. */
function toPassLater(this: unknown, received: unknown) {
  const judged = new Promise((resolve) => setTimeout(resolve, 20)).then(() => verdict(received === 1, "is not 1"));
  return untilEndOfTest(this, "toPassLater", judged);
}

const FORGOTTEN = 'toPassLater() had not ended when its test did: write "await expect(...).toPassLater()"';

describe("in jest", () => {
  const jest = new FakeJest({ ...dnsLbMatchers, toPassLater });
  const run = async (action: () => unknown) => (await jest.run(action)).map((error) => error.message);

  test("matchers pass and fail, negated too", async () => {
    const use = ["backend resolvers", "balance leastconn"];
    expect(await run(() => jest.expect(lb1, "toHaveHaproxyLine", use))).toEqual([]);
    expect(await run(() => jest.expect(lb1, "toHaveHaproxyLine", use, true))).toHaveLength(1);
    expect(await run(() => jest.expect(lb1, "toHaveHaproxyLine", ["backend typo", "balance a"], true))).toEqual([
      expect.stringMatching(/^haproxy.cfg of node "lb1" has no section "backend typo"; the nearest of \d+:/),
    ]);
  });

  test("an asynchronous matcher that is awaited passes and fails", async () => {
    expect(await run(async () => await jest.expect(1, "toPassLater"))).toEqual([]);
    expect(await run(async () => await jest.expect(2, "toPassLater"))).toEqual(["is not 1"]);
    expect(await run(() => jest.expect(1, "toPassLater"))).toEqual([]);
  });

  test("fails when an asynchronous matcher is not awaited, and leaves the next test alone", async () => {
    const forgets = () => {
      jest.expect(1, "toPassLater");
    };
    expect(await run(forgets)).toEqual([FORGOTTEN]);
    expect(await run(() => undefined)).toEqual([]);
  });
});

describe("in jest, among tests that run concurrently", () => {
  const name = (): string => "a test";
  /** The errors of a test that ends before an asynchronous matcher, by what jest tells. */
  const errorsWith = (state: Readonly<Record<string, unknown>>) => {
    const jest = new FakeJest({ toPassLater }, state);
    return jest.run(() => {
      jest.expect(1, "toPassLater");
    });
  };

  test.each([
    ["jest 29.7", { currentConcurrentTestName: name }],
    [
      "jest 30.5",
      { currentConcurrentTestName: name, currentTestIdentity: () => ({ name: "a test", concurrent: true }) },
    ],
  ])("the matcher of one test does not fail another: %s", async (_, state) => {
    expect(await errorsWith(state)).toEqual([]);
  });

  test.each([
    ["jest 29.7", { currentConcurrentTestName: (): undefined => undefined }],
    [
      "jest 30.5",
      { currentConcurrentTestName: name, currentTestIdentity: () => ({ name: "a test", concurrent: false }) },
    ],
  ])("fails when a test that runs alone forgets to await: %s", async (_, state) => {
    expect((await errorsWith(state)).map((error) => error.message)).toEqual([FORGOTTEN]);
  });
});

describe("in vitest", () => {
  expect.extend({ toPassLater });
  const later = (received: unknown) => (expect(received) as unknown as { toPassLater(): Promise<void> }).toPassLater();

  test("an asynchronous matcher that is awaited passes", async () => {
    await later(1);
    await expect(later(2)).rejects.toThrow("is not 1");
  });

  test("fails when an asynchronous matcher is not awaited", async () => {
    const task: { onFinished?: (() => void)[] } = {};
    const atEnd = () => {
      for (const end of task.onFinished ?? []) end();
    };
    const judged = toPassLater.call({ task }, 1);
    expect(message(atEnd)).toBe(`TestingError: ${FORGOTTEN}`);
    await judged;
    expect(message(atEnd)).toBe("nothing failed");
  });

  test("the matcher of one concurrent test does not fail another", async () => {
    const task: { concurrent: boolean; onFinished?: (() => void)[] } = { concurrent: true };
    const judged = toPassLater.call({ task }, 1);
    expect(task.onFinished).toBeUndefined();
    expect(await judged).toMatchObject({ pass: true });
  });

  test.fails("fails, in vitest's own eyes, when an asynchronous matcher is not awaited", () => {
    void later(1);
  });
});

test("fails when an asymmetric matcher is asynchronous", () => {
  expect.extend(dnsLbMatchers);
  const asynchronous = { asymmetricMatch: async () => true } as never;
  expect(message(() => expect(lb1).toHaveHaproxyLine("global", asynchronous))).toMatchInlineSnapshot(
    `"TestingError: an asymmetric matcher is asynchronous, and no asymmetric matcher can be: await it before"`,
  );
});

test("nothing is judged where no test is known", async () => {
  expect(await toPassLater.call(undefined, 1)).toMatchObject({ pass: true });
});
