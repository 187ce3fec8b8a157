import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { printYaml, type Yaml } from "../../lib/monitoring/yaml.js";

test("prints block style that one can read", () => {
  expect(printYaml({ job: "b: c", static_configs: [{ x: 1, y: ["no"] }, {}], no: [], yes: true })).toBe(
    'job: "b: c"\nstatic_configs:\n  - "x": 1\n    "y":\n      - "no"\n  - {}\n"no": []\n"yes": true\n',
  );
});

test("a reader of YAML gets back what was printed, whatever the texts hold", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("no", "~", "- a", "a: b", "#", "{{ x }}", "\u2028"),
  );
  const { value } = fc.letrec<{ value: Yaml }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(text, value, { noNullPrototype: true }), (data) => {
      fc.pre(!JSON.stringify(data).includes("__proto__"));
      expect(parse(printYaml(data))).toEqual(data);
    }),
  );
});
