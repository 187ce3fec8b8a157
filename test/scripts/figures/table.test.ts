import fc from "fast-check";
import { expect, test } from "vitest";
import { table, WIDTH } from "../../../scripts/figures/table.js";

test("texts are aligned to the left, numbers to the right, what is missing is a dash", () => {
  const rows = [
    ["internal", 1_107, undefined],
    ["public", 9, "dot"],
  ];
  expect(table(["frontend", "sent", "ALPN"], rows)).toBe(
    ["frontend  sent  ALPN", "internal  1107  -", "public       9  dot"].join("\n"),
  );
});

test("a column of numbers of which some are missing stays to the right", () => {
  expect(table(["lost"], [[12], [undefined]])).toBe("lost\n  12\n   -");
});

test("a table without rows is its headings", () => {
  expect(table(["a", "lost"], [])).toBe("a  lost");
});

test("a long list is broken after a comma, below its own column", () => {
  const servers = Array.from({ length: 8 }, (_, index) => `resolver${index} 192.168.1.1${index}`).join(", ");
  expect(
    table(
      ["pool", "servers"],
      [
        ["resolvers", servers],
        ["other", "one"],
      ],
    ),
  ).toMatchInlineSnapshot(`
    "pool       servers
    resolvers  resolver0 192.168.1.10, resolver1 192.168.1.11, resolver2 192.168.1.12,
               resolver3 192.168.1.13, resolver4 192.168.1.14, resolver5 192.168.1.15,
               resolver6 192.168.1.16, resolver7 192.168.1.17
    other      one"
  `);
});

test("no line is wider than a terminal while its parts fit", () => {
  const list = fc.array(fc.stringMatching(/^[a-z0-9.]{1,30}$/), { minLength: 1, maxLength: 20 });
  const rows = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{0,20}$/), fc.nat(99_999), list), { maxLength: 8 });
  fc.assert(
    fc.property(rows, (given) => {
      const text = table(
        ["pool", "sent", "servers"],
        given.map(([name, count, parts]) => [name, count, parts.join(", ")]),
      );
      const lines = text.split("\n");
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(WIDTH);
        expect(line).toBe(line.trimEnd());
      }
      const words = (each: string) => each.split(/[\s,]+/).filter((word) => word !== "");
      const wanted = given.flatMap(([name, count, parts]) => [...(name === "" ? [] : [name]), String(count), ...parts]);
      expect(words(text)).toEqual(["pool", "sent", "servers", ...wanted]);
    }),
  );
});
