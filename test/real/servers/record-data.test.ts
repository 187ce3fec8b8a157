import { join } from "node:path";
import { type Arbitrary, array, assert, constantFrom, nat, property, tuple } from "fast-check";
import { expect } from "vitest";
import { type DataWord, refuseData } from "../../../lib/core/records/index.js";
import { SAMPLES, wordsOf } from "../../core/records/samples.js";
import { TAKEN } from "../../core/records/zone-files.js";
import { run, testWith, withFiles } from "../config/daemon.js";

const testWithCheckers = testWith("nsd-checkzone", "unbound-checkconf");

const SOA = "test. 300 IN SOA ns.test. host.test. 1 3600 900 1209600 300\ntest. 300 IN NS ns.example.\n";
const UNBOUND = 'server:\n  chroot: ""\n  username: ""\n  directory: ""\n  pidfile: ""\n  local-zone: "test." static\n';

const textOf = (type: string, words: readonly DataWord[]) =>
  [type, ...words.map(({ text, quoted }) => (quoted ? `"${text}"` : text))].join(" ");

/** What NSD and unbound say of records, each of a name of its own. */
async function judged(records: readonly string[]): Promise<string> {
  const lines = records.map((record, index) => `n${index}.test. 300 IN ${record}`);
  const files = {
    "test.zone": `${SOA}${lines.map((line) => `${line}\n`).join("")}`,
    "unbound.conf": `${UNBOUND}${lines.map((line) => `  local-data: '${line}'\n`).join("")}`,
  };
  return withFiles(files, (directory) => {
    const nsd = run("nsd-checkzone", "test.", join(directory, "test.zone"));
    const unbound = run("unbound-checkconf", join(directory, "unbound.conf"));
    return [nsd, unbound].flatMap(({ status, output }) => (status === 0 ? [] : [output])).join("\n");
  });
}

/** The SOA of a zone is its own alone. */
const RECORDS = SAMPLES.filter((sample) => !sample.startsWith("SOA"));

testWithCheckers("NSD and unbound take every sample", async () => {
  expect(await judged(RECORDS)).toBe("");
});

testWithCheckers("fails when a type does not take the data", async () => {
  expect(await judged(["TLSA 3 1 1 abc"])).toMatch(/test\.zone:3:[\s\S]*n0\.test\. 300 IN TLSA/);
});

testWithCheckers.each(TAKEN)("NSD takes the zone file %j", async (text) => {
  await withFiles({ "test.zone": text }, (directory) => {
    expect(run("nsd-checkzone", "test.", join(directory, "test.zone"))).toMatchObject({ status: 0 });
  });
});

const PIECES = [
  ...["0", "1", "2", "255", "256", "65535", "65536", "4294967295", "4294967296", "-1", "007", "x", "", "-", ".", "@"],
  ...["a.test.", "a", "A", "TYPE1", "TYPE65536", "FOO", "192.0.2.1", "192.0.2.256", "2001:db8::1", "::ffff:192.0.2.1"],
  ...[
    "ab",
    "abc",
    "AQ==",
    "AQI",
    "\\#",
    "alpn=h2",
    "port=1",
    "key9=1",
    "key65535=x",
    "key9",
    "mandatory=port",
    "N",
    "E",
  ],
  ...["1:192.0.2.0/24", "0.5", "10m", "-1m", "x".repeat(256), `${"a".repeat(63)}.`, `${"a".repeat(64)}.`],
];

/** One change of a record's words. */
const CHANGE: Arbitrary<(words: readonly DataWord[]) => readonly DataWord[]> = tuple(
  constantFrom("replace", "insert", "remove", "quote", "double"),
  nat(),
  constantFrom(...PIECES),
).map(([kind, at, text]) => (words) => {
  const index = words.length === 0 ? 0 : at % (words.length + 1);
  const [word] = words.slice(index);
  const [before, after] = [words.slice(0, index), words.slice(index + 1)];
  if (kind === "insert" || word === undefined) return [...before, { text, quoted: false }, ...words.slice(index)];
  if (kind === "remove") return [...before, ...after];
  if (kind === "quote") return [...before, { ...word, quoted: !word.quoted }, ...after];
  if (kind === "double") return [...before, word, word, ...after];
  return [...before, { ...word, text }, ...after];
});

testWithCheckers(
  "NSD and unbound take whatever data is not refused here",
  async () => {
    const accepted = new Set<string>();
    assert(
      property(constantFrom(...RECORDS), array(CHANGE, { minLength: 1, maxLength: 2 }), (sample, changes) => {
        const [type, words] = wordsOf(sample);
        const changed = changes.reduce<readonly DataWord[]>((at, change) => change(at), words);
        const isWritable = changed.every(({ text, quoted }) => quoted || text !== "");
        if (isWritable && refuseData(type, changed, "record") === undefined) accepted.add(textOf(type, changed));
      }),
      { numRuns: 20_000 },
    );
    expect(accepted.size).toBeGreaterThan(500);
    expect(await judged([...accepted])).toBe("");
  },
  60_000,
);
