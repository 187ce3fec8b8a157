import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { AGENT } from "../fake-node.js";

const PAGE = join(__dirname, "../../../../docs/metrics.md");
const TABLE = /(<!-- This table is made from .* -->\n\n)[\s\S]*(?=<!-- end of the table -->)/;

const families = (expression: string) =>
  execFileSync("/usr/bin/python3", ["-B", "-c", `from dnslb_agent.metrics.families import *; print(${expression})`], {
    ...{ encoding: "utf8", env: { ...process.env, PYTHONPATH: dirname(AGENT) } },
  });

test("docs/metrics.md has the table of all metrics", async () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toMatch(TABLE);
  const table = families("table()");
  await expect(page.replace(TABLE, (_, begin: string) => `${begin}${table}\n`)).toMatchFileSnapshot(PAGE);
});

test("metrics are named as Prometheus wants it", () => {
  const all = JSON.parse(
    families('__import__("json").dumps([[f.full_name, f.kind, f.unit, f.help, list(f.labels)] for f in FAMILIES])'),
  ) as [string, string, string, string, string[]][];
  expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
  for (const [name, kind, unit, help, labels] of all) {
    expect(name).toMatch(/^dnslb_[a-z]+(_[a-z]+)*$/);
    expect([name, name.endsWith("_total")]).toEqual([name, kind === "counter"]);
    expect([name, name.endsWith("_seconds")]).toEqual([name, ["seconds", "Unix time"].includes(unit)]);
    expect([name, name.endsWith("_info")]).toEqual([name, unit === "1"]);
    expect(help).toMatch(/^[A-Z][^|"\\\n]*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
  }
});
