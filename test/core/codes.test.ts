import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODES, type Code } from "../../lib/core/codes/index.js";

const lib = join(__dirname, "../../lib");
const sources = readdirSync(lib, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("core/codes/"))
  .map((file) => readFileSync(join(lib, file), "utf8"));

/** The page that explains every code, made from the registry. */
function errorsPage(): string {
  const entries = (Object.keys(CODES) as Code[]).sort().map((code) => {
    const { title, meaning, fix, severity } = CODES[code];
    return `### ${code}\n\n**${sentence(title)}** (${severity})\n\n${meaning}\n\n*What to do:* ${fix}\n`;
  });
  const section = (from: number, to: number) =>
    entries.filter((entry) => {
      const number = Number(/DNSLB(\d+)/.exec(entry)?.[1]);
      return number >= from && number <= to;
    });
  return [
    "# Errors and warnings",
    "Every problem that this library reports ends with a code in brackets. Codes are stable: they keep their meaning from release to release, so that they can be searched for. Errors stop the synthesis, before anything is written; warnings are printed by `cdktf synth` and `cdktf deploy`.",
    "<!-- This page is made from lib/core/codes/: npx vitest run --project unit test/core/codes -u -->",
    "## What one construct or factory is given",
    "Thrown at the line that makes the construct, all that is wrong with it at once, each line with the construct's path and the property. What a factory such as `RateLimit.perClient()` is given has no path: the stack of the error leads to the line that calls it.",
    ...section(101, 799),
    "## What only the whole shows",
    "Reported together at synthesis, each with the line that made the construct to blame.",
    ...section(1, 100),
    "## Configuration files",
    "Thrown by `cdktf-dns-lb/config` and its printers, parsers and views. If synthesis reports one without your using that module, it is a defect of this library.",
    ...section(801, 999),
  ]
    .map((part) => part.trim())
    .join("\n\n")
    .concat("\n");
}

function sentence(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
}

test("docs/errors.md explains every code", async () => {
  await expect(errorsPage()).toMatchFileSnapshot("../../docs/errors.md");
});

test("every code is reported somewhere", () => {
  const unused = Object.keys(CODES).filter((code) => !sources.some((text) => text.includes(code)));
  expect(unused).toEqual([]);
});

test("every code that is mentioned is registered", () => {
  const mentioned = new Set(sources.flatMap((text) => text.match(/DNSLB\d+/g) ?? []));
  expect([...mentioned].filter((code) => !Object.hasOwn(CODES, code))).toEqual([]);
});

test("codes have three digits, and entries end as sentences do", () => {
  for (const [code, { title, meaning, fix }] of Object.entries(CODES)) {
    expect(code).toMatch(/^DNSLB\d{3}$/);
    expect(title, code).toMatch(/^[a-z].*[^.]$/);
    expect(meaning, code).toMatch(/^[A-Z].*\.$/);
    expect(fix, code).toMatch(/^[A-Z].*\.$/);
  }
});
