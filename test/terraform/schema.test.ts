import { describe, expect, test } from "vitest";
import { domainName, integer, plainName } from "../../lib/terraform/fields.js";
import { listOf, object, oneOf, optional, show, withDefault } from "../../lib/terraform/schema.js";

interface Props {
  readonly name: string;
  readonly weight?: number;
  readonly mode: "a" | "b";
}

// The compiler is the test: each of these lines must not compile, or `tsc` fails for an unused directive.
const drifts = () => {
  object<Props>()({ name: plainName, weight: optional(integer(1, 2)), mode: oneOf<"a" | "b">({ a: true, b: true }) });
  // @ts-expect-error a property is missing
  object<Props>()({ name: plainName, mode: oneOf<"a" | "b">({ a: true, b: true }) });
  object<Props>()({
    name: plainName,
    // @ts-expect-error an optional property is required
    weight: integer(1, 2),
    mode: oneOf<"a" | "b">({ a: true, b: true }),
  });
  object<Props>()({
    // @ts-expect-error a required property is optional
    name: optional(domainName),
    weight: optional(integer(1, 2)),
    mode: oneOf<"a" | "b">({ a: true, b: true }),
  });
  object<Props>()({
    name: plainName,
    weight: optional(integer(1, 2)),
    // @ts-expect-error a choice is missing
    mode: oneOf<"a">({ a: true }),
  });
  object<Props>()({
    name: plainName,
    // @ts-expect-error the type is another
    weight: optional(listOf(integer(1, 2))),
    mode: oneOf<"a" | "b">({ a: true, b: true }),
  });
  object<Props>()({
    name: plainName,
    weight: optional(integer(1, 2)),
    mode: oneOf<"a" | "b">({ a: true, b: true }),
    // @ts-expect-error a property is too much
    colour: plainName,
  });
  object<Props>()({
    name: plainName,
    mode: oneOf<"a" | "b">({ a: true, b: true }),
    // @ts-expect-error an optional property of the schema is too much
    colour: optional(plainName),
    weight: optional(integer(1, 2)),
  });
  object<Props>()({
    // @ts-expect-error a required property has a default
    name: withDefault(plainName, "a"),
    weight: withDefault(integer(1, 2), 1),
    mode: oneOf<"a" | "b">({ a: true, b: true }),
  });
  // @ts-expect-error the default is of another type
  withDefault(integer(1, 2), "1");
};

test("schemas of the wrong shape can be made at run time alone", () => {
  expect(drifts).not.toThrow();
});

describe("show()", () => {
  test.each<[value: unknown, text: string]>([
    ["a\nb", '"a\\nb"'],
    [Number.NaN, "NaN"],
    [5n, "5"],
    [null, "null"],
    [undefined, "nothing"],
    [() => 1, "a function"],
    [{ a: 1 }, '{"a":1}'],
    [new Map(), "an object of Map"],
    ["x".repeat(100), `"${"x".repeat(76)}...`],
  ])("%o is shown as %s", (value, text) => {
    expect(show(value)).toBe(text);
  });
});
