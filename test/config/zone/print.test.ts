import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseZone, printZone, printZoneRecord, type ZoneFileRecord } from "../../../lib/config/zone/index.js";
import { UnscopedValidationError } from "../../../lib/core/errors.js";

const RECORD: ZoneFileRecord = { name: "a.test.", ttl: 300, type: "TXT", data: [{ kind: "text", text: "x" }] };

test.each<[Partial<ZoneFileRecord>, string]>([
  [{}, 'a.test. 300 IN TXT "x"'],
  [{ name: "." }, '. 300 IN TXT "x"'],
  [{ name: "*.a.test.", ttl: 0 }, '*.a.test. 0 IN TXT "x"'],
  [{ type: "A", data: [{ kind: "word", word: "192.0.2.1" }] }, "a.test. 300 IN A 192.0.2.1"],
  [{ data: [{ kind: "text", text: `a"b'c\\d\n;ü` }] }, 'a.test. 300 IN TXT "a\\034b\\039c\\092d\\010;\\195\\188"'],
  [
    {
      type: "TYPE9",
      data: [
        { kind: "word", word: "\\#" },
        { kind: "word", word: "0" },
      ],
    },
    "a.test. 300 IN TYPE9 \\# 0",
  ],
])("prints %j", (part, line) => {
  expect(printZoneRecord({ ...RECORD, ...part })).toBe(line);
  expect(parseZone(`${line}\n`)).toEqual({ records: [{ ...RECORD, ...part }] });
});

test("whatever the text, it stays in its string and is read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const file = { records: [{ ...RECORD, data: [{ kind: "text" as const, text }] }, RECORD] };
      const printed = printZone(file);
      expect(printed).toMatch(/^[ -~\n]*$/);
      expect(printed.split("\n")).toHaveLength(3);
      expect(parseZone(printed)).toEqual(file);
    }),
  );
});

const refused = (part: object) => {
  try {
    return printZone({ records: [{ ...RECORD, ...part }] });
  } catch (error) {
    if (error instanceof UnscopedValidationError) return error.message;
    throw error;
  }
};

describe("fails when", () => {
  test.each<[string, object, string]>([
    ["a name is relative", { name: "a.test" }, "'records[0].name' must be a whole name"],
    ["a name holds a space", { name: "a b." }, "'records[0].name' must be a whole name"],
    ["a name holds a line", { name: "a.\nb." }, "'records[0].name' must be a whole name"],
    ["a TTL is negative", { ttl: -1 }, "'records[0].ttl' must be whole seconds"],
    ["a TTL is not whole", { ttl: 0.5 }, "'records[0].ttl' must be whole seconds"],
    ["a type is none", { type: "A 1" }, "'records[0].type' must be a record type"],
    ["there is no data", { data: [] }, "'records[0].data' must not be empty"],
    ["a text is too long", { data: [{ kind: "text", text: "ü".repeat(128) }] }, "'records[0].data[0].text' must be at"],
    [
      "a text is half a character",
      { data: [{ kind: "text", text: "\ud800" }] },
      "'records[0].data[0].text' must be text",
    ],
    ...["", "a b", "a;b", "(", ")", '"', "\\065", "a\nb", "ü"].map((word): [string, object, string] => [
      `a word is ${JSON.stringify(word)}`,
      { data: [{ kind: "word", word }] },
      "'records[0].data[0].word' must be a word",
    ]),
  ])("%s", (_, part, message) => {
    expect(refused(part)).toContain(message);
  });

  test.each(["a.test. 300 TXT x", "a.test 300 IN A 1", "$TTL 5", 'a.test. 1 IN TXT "x', "a.test. 1 IN A "])(
    "a file has the line %s",
    (line) => {
      expect(() => parseZone(`a.test. 1 IN A 192.0.2.1\n${line}\n`)).toThrow(/^'line 2' must be a name/);
    },
  );
});
