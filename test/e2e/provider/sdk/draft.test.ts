import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../protocol/value.js";
import { Attributes } from "./draft.js";

describe("an attribute", () => {
  test.each([
    ["given", ["/bin/true"], true],
    ["not set", null, false],
    ["empty", [], false],
    ["not known yet", UNKNOWN, false],
  ])("that is %s is there: %s", (_, value, there) => {
    const attributes = new Attributes({ entrypoint: value });
    expect(attributes.has("entrypoint")).toBe(there);
    expect(attributes.names()).toEqual(there ? ["entrypoint"] : []);
  });
});
