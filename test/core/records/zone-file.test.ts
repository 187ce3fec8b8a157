import { expect, test } from "vitest";
import { readZoneFile } from "../../../lib/core/records/zone-file.js";
import { REFUSED, TAKEN } from "./zone-files.js";

test.each(TAKEN)("%j is a zone file", (text) => {
  expect(readZoneFile(text, "test.").faults).toEqual([]);
});

test("owners are relative to the origin, and a line without one has that of the record before", () => {
  const text =
    "@ 1 SOA a b 1 1 1 1 1\n 1 NS a.\n$ORIGIN Sub\\.x.test.\n*.w 1 A 192.0.2.1\n$ORIGIN .\ntest 1 A 192.0.2.1\n";
  expect(readZoneFile(text, "test.").entries.map(({ line, owner, type }) => `${line} ${owner} ${type}`)).toEqual([
    "1 test. SOA",
    "2 test. NS",
    "4 *.w.sub\\.x.test. A",
    "6 test. A",
  ]);
});

const TOGETHER = / beside the |^a second SOA/;

test.each(REFUSED.filter(([, found]) => !TOGETHER.test(found)))("fails when a zone file is %j", (text, found, line) => {
  expect(readZoneFile(text, "test.").faults).toContainEqual(expect.objectContaining({ found, line }));
});

test("fails when the first record has no owner", () => {
  expect(readZoneFile(" 300 IN SOA a. b. 1 1 1 1 1\n", "test.").faults).toMatchObject([
    { line: 1, found: "a record without an owner" },
  ]);
});

test("a large zone file is read in no time to speak of", () => {
  const text = Array.from({ length: 50_000 }, (_, index) => `n${index} 300 IN A 192.0.2.1\n`).join("");
  const start = performance.now();
  expect(readZoneFile(text, "test.").entries).toHaveLength(50_000);
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(readZoneFile(`x 300 IN TXT "${"a".repeat(10_000_000)}"`, "test.").faults).toHaveLength(1);
});
