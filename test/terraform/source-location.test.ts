import { Construct } from "constructs";
import { expect, test } from "vitest";
import { sourceLocationOf } from "../../lib/terraform/source-location.js";
import { newStack, resolverPool } from "../constructs.js";

test("is the line of the user's code that makes a construct", () => {
  expect(sourceLocationOf(resolverPool(newStack()))).toMatch(/^test\/constructs\.ts:\d+$/);
});

test("is unknown for constructs of others", () => {
  expect(sourceLocationOf(new Construct(newStack(), "Other"))).toBeUndefined();
});
