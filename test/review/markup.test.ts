import fc from "fast-check";
import { expect, test } from "vitest";
import { element, textOf, visible } from "../../lib/review/markup.js";

test.each([
  ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["]]>", "]]&gt;"],
  [`" onload='x'`, "&quot; onload=&#39;x&#39;"],
  ["a & b &amp; c", "a &amp; b &amp;amp; c"],
  ["-->", "--&gt;"],
  ["\u202eevil\u2066", "\\u202eevil\\u2066"],
  ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
  ["\u0000\u001b[31m\u0085", "\\u0000\\u001b[31m\\u0085"],
  ["half \ud83d of a pair", "half \\ud83d of a pair"],
  ["whole \ud83d\ude00", "whole \ud83d\ude00"],
  ["tab\tand\nline", "tab\tand\nline"],
])("%j is written as %j, in content and in attributes", (text, written) => {
  expect(element("p", { title: text }, text).text).toBe(`<p title="${written}">${written}</p>`);
});

test("elements may hold elements, and leave out attributes without a value", () => {
  expect(element("p", { id: undefined, x: 1.005, y: 2 }, ["a", element("b", {}, "<")], element("br")).text).toBe(
    '<p x="1" y="2">a<b>&lt;</b><br></p>',
  );
});

test("no text gets out of its place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const written = textOf(text);
      expect(written).not.toMatch(/[<>"']/);
      const read = written.replace(
        /&(lt|gt|quot|#39|amp);/g,
        (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name] ?? "",
      );
      expect(read).toBe(visible(text));
    }),
  );
});
