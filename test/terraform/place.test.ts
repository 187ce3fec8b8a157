import { Construct } from "constructs";
import { expect, test } from "vitest";
import { placeOf } from "../../lib/terraform/place.js";
import { newStack, resolverPool } from "../constructs.js";

test("is the line of the user's code that makes a construct", () => {
  expect(placeOf(resolverPool(newStack()))).toMatch(/^test\/constructs\.ts:\d+$/);
});

test("is unknown for constructs of others", () => {
  expect(placeOf(new Construct(newStack(), "Other"))).toBeUndefined();
});
