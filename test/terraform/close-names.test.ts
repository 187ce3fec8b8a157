import { expect, test } from "vitest";
import { closeNames } from "../../lib/terraform/close-names.js";

const NAMES = ["servers", "fallback", "balance", "healthCheck", "whenAllDown", "rise", "fall"];

test.each([
  ["server", ["servers"]],
  ["healthcheck", ["healthCheck"]],
  ["healthChecks", ["healthCheck"]],
  ["health_check", ["healthCheck"]],
  ["when-all-down", ["whenAllDown"]],
  ["fallb", ["fall", "fallback"]],
  ["ballance", ["balance"]],
  ["WHENALLDOWN", ["whenAllDown"]],
  ["retries", []],
  ["", []],
])("%j is close to %j", (misspelt, names) => {
  expect(closeNames(misspelt, NAMES)).toEqual(names);
});
