import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BirdFile, parseBird, printBird } from "../../../lib/config/bird/index.js";
import { BIRD_KEYWORDS } from "../../../lib/config/bird/reserved.js";
import { compileBird } from "../../../lib/node/compile/bird.js";
import { otherSuite, rootFolder } from "../../../scripts/debian/root.js";
import { SAMPLE } from "../../config/bird/sample.js";
import { NASTY } from "../../config/nasty.js";
import { BIRD_WORK } from "../../node/compile/groups.js";
import { type Outcome, run, runIsolated, testWith, withFiles } from "./daemon.js";

/** What the sample includes: a secret in a file of its own, and what the announcer writes. */
const INCLUDED = {
  "secrets.conf": 'define MD5_R1 = "s3cret";\n',
  "router1.conf": 'define PASSWORD_1 = "s3cret";\n',
  "cost.conf": "define COST = 1;\ndefine DRAIN = 0;\ndefine STATE = 0;\n",
};

const testBird = testWith("bird", "birdc", "unshare", "ip");

const check = (text: string): Promise<Outcome> =>
  withFiles({ "bird.conf": text, ...INCLUDED }, (directory) => run("bird", "-p", "-c", join(directory, "bird.conf")));

/** Since 2.16, BIRD warns where a password has no `authentication`, which it did not know before. */
function namesAuthentication({ output }: Outcome): boolean {
  const [, minor] = /BIRD version 2\.(\d+)/.exec(output) ?? [];
  return Number(minor) >= 16;
}

function sampleFor(version: Outcome): string {
  const text = printBird(SAMPLE);
  return namesAuthentication(version) ? text.replaceAll("  password", "  authentication md5;\n  password") : text;
}

/** What is compiled for a node of a group. */
function compiledFor(version: Outcome): string {
  return printBird(
    compileBird({ ...BIRD_WORK, costFile: "cost.conf", namesAuthentication: namesAuthentication(version) }),
  );
}

testBird("bird takes everything that a node of a group may be told, without a word", async () => {
  expect(await check(sampleFor(run("bird", "--version")))).toEqual({ status: 0, output: "" });
  expect(await check(compiledFor(run("bird", "--version")))).toEqual({ status: 0, output: "" });
  expect(parseBird(printBird(SAMPLE))).toEqual(SAMPLE);
});

const root = rootFolder(otherSuite());
test.skipIf(!existsSync(join(root, "usr/sbin/bird")))("so does the bird of the other release of Debian", () => {
  const directory = mkdtempSync(join(root, "tmp/dns-lb-config-"));
  const inside = directory.slice(root.length);
  try {
    const version = run("chroot", root, "bird", "--version");
    for (const text of [sampleFor(version), compiledFor(version)]) {
      const files = { "bird.conf": text, ...INCLUDED };
      for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
      expect(run("chroot", root, "bird", "-p", "-c", `${inside}/bird.conf`)).toEqual({ status: 0, output: "" });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

testBird("fails when bird does not know a value, a template or a file", async () => {
  const text = sampleFor(run("bird", "--version"));
  const { status, output } = await check(text.replace("hold time 9", "hold time 2"));
  expect(status).not.toBe(0);
  expect(output).toContain("Hold time must be in range 3-65535");
  expect((await check(text.replace("from upstream", "from downstream"))).output).toContain("syntax error");
  expect((await check(text.replace("secrets.conf", "nothing.conf"))).output).toContain("Unable to open included file");
});

testBird("bird 2.0 can name nothing by one of its own words, some of which later versions allow", async () => {
  if (!/version 2\.0\./.test(run("bird", "--version").output)) return;
  const taken: string[] = [];
  // One in ten: each takes a process.
  for (const word of [...BIRD_KEYWORDS].filter((_, at) => at % 10 === 0)) {
    const text = `router id 10.0.0.2;\nprotocol device {}\ndefine ${word} = 1;\nfilter f1 { if ${word} = 1 then accept; }\n`;
    if ((await check(text)).status === 0) taken.push(word);
  }
  expect(taken).toEqual([]);
});

/** Asks a running bird what expressions are worth. */
function evaluated(file: BirdFile, expressions: readonly string[]): Promise<string[]> {
  return withFiles({ "bird.conf": printBird(file) }, (directory) => {
    const ask = "birdc -s $d/ctl";
    const { output } = runIsolated(
      [
        `d=${directory}`,
        "bird -f -c $d/bird.conf -s $d/ctl -P $d/pid 2>$d/log & daemon=$!",
        `for try in 1 2 3 4 5 6 7 8 9; do ${ask} show status >/dev/null 2>&1 && break; sleep 0.2; done`,
        ...expressions.map((each) => `${ask} "eval ${each}" | tail -n +2`),
        "kill $daemon; wait $daemon; cat $d/log",
      ].join("\n"),
    );
    return output.split("\n").slice(0, -1);
  });
}

testBird("bird sees each nasty text as it was given", async () => {
  const texts = NASTY.filter((text) => !text.includes('"'));
  const file: BirdFile = {
    statements: [
      ["router id", "10.0.0.2"],
      { keyword: "protocol device", entries: [] },
      ...texts.flatMap((text, at) => [
        { define: `T${at}`, value: { text } },
        { define: `AFTER_T${at}`, value: { number: at } },
      ]),
    ],
  };
  const asked = texts.flatMap((_, at) => [`T${at}`, `AFTER_T${at}`]);
  expect(await evaluated(file, asked)).toEqual(texts.flatMap((text, at) => [text, String(at)]));
});

testBird("bird ranks both kinds of conditions the same, which is why they stand in parentheses", async () => {
  const [yes, no] = ["TRUTH", "LIE"].map((name) => ({ name })) as [{ name: string }, { name: string }];
  const file: BirdFile = {
    statements: [
      ["router id", "10.0.0.2"],
      { keyword: "protocol device", entries: [] },
      { define: "TRUTH", value: { name: "true" } },
      { define: "LIE", value: { name: "false" } },
      { define: "PRINTED", value: { any: [yes, { all: [no, no] }] } },
      { define: "INVERTED", value: { not: { left: yes, operator: "=", right: no } } },
    ],
  };
  expect(await evaluated(file, ["TRUTH || LIE && LIE", "PRINTED", "INVERTED"])).toEqual(["FALSE", "TRUE", "TRUE"]);
});

testBird("bird crashes at a text that is longer than its buffer", async () => {
  const file = (length: number) => `router id 10.0.0.2;\nprotocol device {}\ndefine A = "${"x".repeat(length)}";\n`;
  expect(await check(file(4_095))).toEqual({ status: 0, output: "" });
  expect((await check(file(4_096))).status).not.toBe(0);
});
