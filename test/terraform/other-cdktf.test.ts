import { App, TerraformStack } from "cdktf";
import { Construct, RootConstruct } from "constructs";
import { expect, test } from "vitest";
import { otherCdktf } from "../../lib/terraform/other-cdktf.js";
import { newStack, refusal, resolverPool } from "../constructs.js";

test("an app and a stack of ours are no strangers, nor is a construct without them", () => {
  class OwnStack extends TerraformStack {}
  class OwnApp extends App {}
  expect(otherCdktf(new Construct(newStack(), "Construct"))).toBeUndefined();
  expect(otherCdktf(new OwnStack(new OwnApp(), "own"))).toBeUndefined();
  expect(otherCdktf(new RootConstruct())).toBeUndefined();
});

/* scripts/check-package.mjs meets real ones, and names their places. */
test("fails when a stack only carries the symbol of cdktf's", () => {
  const stack = new Construct(new RootConstruct(), "prod");
  Object.defineProperty(stack, Symbol.for("cdktf/TerraformStack"), { value: true });
  expect(refusal(() => resolverPool(stack))).toMatch(
    /^\[prod\/Resolvers\] cannot be in an app of another cdktf than this library's, which is installed twice: one at an unknown place and cdkt[fn] \S+ at \/.*\/cdktf; keep one .* \[DNSLB128\]$/,
  );
});
