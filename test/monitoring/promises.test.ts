import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALERTS, INTERVALS } from "./mixin.js";
import { DEFAULT_TIMES, promiseOf } from "./promises.js";

const PAGE = join(__dirname, "../../docs/monitoring.md");
const TABLE = /(<!-- This table is made from .* -->\n\n)[\s\S]*?(?=\n?<!-- end of the table -->)/;

test("docs/monitoring.md promises what the mixin keeps", async () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toMatch(TABLE);
  const rows = ALERTS.map((alert) => {
    const runbook = `[${alert.alert}](runbooks.md#${alert.alert.toLowerCase()})`;
    return `| ${runbook} | ${alert.labels?.["severity"]} | ${alert.for} | ${promiseOf(alert, DEFAULT_TIMES)} |`;
  });
  const table = ["| alert | severity | wait | seconds, at most |", "|---|---|---|---|", ...rows].join("\n");
  await expect(page.replace(TABLE, (_, begin: string) => `${begin}${table}\n`)).toMatchFileSnapshot(PAGE);
});

test("every group of rules is evaluated as often as is promised", () => {
  expect(new Set(INTERVALS)).toEqual(new Set([DEFAULT_TIMES.evaluation]));
});
