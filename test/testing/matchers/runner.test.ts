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
