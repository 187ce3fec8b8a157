import { describe, expect, test } from "vitest";
import { containerFields } from "../docker/container-fields.js";
import { UNKNOWN, type ValueObject } from "../protocol/value.js";
import { Draft } from "./draft.js";
import { formatDuration, parseDuration } from "./duration.js";
import { planChange } from "./plan.js";

/** A container's state some time after it was created. */
const state: ValueObject = stateOf({
  ...planChange(containerFields, null, { name: "a", image: "i" }).planned,
  id: "1",
  memory: 0,
  privileged: false,
  tmpfs: {},
  command: [],
  env: ["A=1", "B=2"],
  hostname: "1",
  labels: [{ label: "x", value: "1" }],
  mounts: [{ target: "/a", source: "v", type: "volume", read_only: false }],
  upload: [{ file: "/f", content: "one", executable: false }],
  healthcheck: [{ test: ["CMD", "true"], interval: "1m0s", timeout: "1s", retries: 0 }],
});

function stateOf(values: ValueObject): ValueObject {
  const settled = new Draft(containerFields, values).state();
  if (settled === null) throw new Error("no id");
  return settled;
}

/** What Terraform proposes: the state with what the configuration says. */
const propose = (change: ValueObject): ValueObject => ({ ...state, ...change });

describe("a plan", () => {
  test("makes computed values unknown, and only for what is new", () => {
    const { planned } = planChange(containerFields, null, { name: "a", image: "i", hostname: "h" });
    expect(planned).toMatchObject({ id: UNKNOWN, exit_code: UNKNOWN, hostname: "h", must_run: true, user: null });
    expect(planChange(containerFields, state, state)).toEqual({ planned: state, replaceFor: [] });
  });

  test.each<[string, ValueObject]>([
    ["null for false", { privileged: null }],
    ["null for zero", { memory: null }],
    ["null for an empty map", { tmpfs: null }],
    ["another order in a set", { env: ["B=2", "A=1"] }],
    ["nothing for computed blocks", { labels: [], healthcheck: [] }],
    ["nothing for computed values", { hostname: null, env: null }],
    ["defaults left out in a block", { upload: [{ file: "/f", content: "one", content_base64: null }] }],
    ["nothing for a user", { user: "" }],
  ])("sees no change in %s", (_, change) => {
    expect(planChange(containerFields, state, propose(change))).toEqual({ planned: state, replaceFor: [] });
  });

  test.each<[string, ValueObject, readonly string[]]>([
    ["an image", { image: "j" }, ["image"]],
    ["an unknown image", { image: UNKNOWN }, ["image"]],
    ["an uploaded file", { upload: [{ file: "/f", content: "two" }] }, ["upload"]],
    [
      "one upload more",
      {
        upload: [
          { file: "/f", content: "one" },
          { file: "/g", content: "" },
        ],
      },
      ["upload"],
    ],
    ["a removed environment variable", { env: ["A=1"] }, ["env"]],
    ["a memory limit", { memory: 64 }, []],
    ["another mount", { mounts: [{ target: "/a", source: "w", type: "volume" }] }, []],
    ["one mount less", { mounts: [] }, ["mounts"]],
    [
      "a mount with tmpfs options",
      { mounts: [{ target: "/a", type: "tmpfs", tmpfs_options: [{ mode: 1 }] }] },
      ["mounts"],
    ],
    [
      "a health check's interval, though it is the same",
      { healthcheck: [{ test: ["CMD", "true"], interval: "60s", timeout: "1s" }] },
      [],
    ],
  ])("sees a change in %s", (_, change, replaceFor) => {
    const plan = planChange(containerFields, state, propose(change));
    expect(plan.replaceFor).toEqual(replaceFor);
    expect(plan.planned).not.toEqual(state);
  });
});

test.each([
  ["0s", 0, "0s"],
  ["500ms", 5e8, "500ms"],
  ["1.5s", 15e8, "1.5s"],
  ["60s", 60e9, "1m0s"],
  ["1h", 3600e9, "1h0m0s"],
  ["90m", 5400e9, "1h30m0s"],
])("the duration %s is %d ns, which reads back as %s", (text, nanoseconds, back) => {
  expect(parseDuration(text)).toBe(nanoseconds);
  expect(formatDuration(nanoseconds)).toBe(back);
});

test.each(["", "1", "1 s", "s", "1d"])("fails when the duration is %j", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
