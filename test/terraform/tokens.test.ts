import { Fn, Lazy, TerraformVariable, Token } from "cdktf";
import { expect, test } from "vitest";
import { Secret } from "../../lib/dns/secret.js";
import { tokenPathsIn } from "../../lib/terraform/tokens.js";
import { newStack } from "../constructs.js";

const text = Token.asString(Lazy.stringValue({ produce: () => "x" }));

test.each<[what: string, value: unknown, paths: unknown]>([
  ["plain data", { a: [1, "two", null, undefined], b: { c: true } }, []],
  ["a string token", { a: text }, [["a"]]],
  ["a token within a string", { a: `b${text}` }, [["a"]]],
  ["a number token", [Token.asNumber(Lazy.numberValue({ produce: () => 1 }))], [[0]]],
  ["a list token", { a: Token.asList(Lazy.listValue({ produce: () => [] })) }, [["a"]]],
  ["a resolvable", { a: Lazy.anyValue({ produce: () => 1 }) }, [["a"]]],
  ["a function of Terraform", { a: Fn.join(",", [text]) }, [["a"]]],
  [
    "several, deep down",
    { a: [{ b: text }, { b: "c" }, { b: text }] },
    [
      ["a", 0, "b"],
      ["a", 2, "b"],
    ],
  ],
])("finds %s", (_what, value, paths) => {
  expect(tokenPathsIn(value)).toEqual(paths);
});

test("looks into neither constructs nor secrets", () => {
  const variable = new TerraformVariable(newStack(), "password", { sensitive: true });
  expect(tokenPathsIn({ variable, secret: Secret.fromVariable(variable) })).toEqual([]);
});
