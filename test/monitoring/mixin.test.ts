import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DASHBOARD, queriesOf } from "./dashboard.js";
import { FAULTS_OF_A_GROUP, FAULTS_OF_A_PAIR } from "./drill/faults/index.js";
import { ALERTS, DASHBOARDS, RECORDS, RULE_TESTS } from "./mixin.js";

const read = (path: string) => readFileSync(join(__dirname, "../..", path), "utf8");

const RUNBOOKS = "https://github.com/cdktf-dns-lb/cdktf-dns-lb/blob/main/docs/runbooks.md";
const sections = new Map(
  read("docs/runbooks.md")
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text]),
);

/** The metrics of the table in docs/metrics.md, which is made from the code. */
const metrics = new Set([...read("docs/metrics.md").matchAll(/^\| `(dnslb_\w+)` \|/gm)].map(([, name]) => name));
const recorded = new Set(RECORDS.map(({ record }) => record));

const names = ALERTS.map(({ alert }) => alert);
const dashboards = [...DASHBOARDS].map(([name, json]) => [name, DASHBOARD.parse(json)] as const);
const queries = [
  ...ALERTS.map(({ alert, expr }) => [alert, expr] as const),
  ...RECORDS.map(({ record = "", expr }) => [record, expr] as const),
  ...dashboards.flatMap(([name, board]) =>
    queriesOf(board).map(({ panel, expr }) => [`${name}: ${panel}`, expr] as const),
  ),
];

describe.each(ALERTS)("$alert", ({ alert, labels, annotations }) => {
  test("says how bad it is, what is the matter, and where the runbook is", () => {
    expect(alert).toMatch(/^DnsLb([A-Z][a-z]+)+$/);
    expect(labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
    expect(annotations).toEqual({
      summary: expect.stringMatching(/^[^\n]+\.$/),
      description: expect.stringMatching(/^[^\n]+\.$/),
      runbook_url: `${RUNBOOKS}#${alert.toLowerCase()}`,
    });
  });

  test("has a runbook: meaning, impact, diagnosis with commands, mitigation", () => {
    const parts = [...(sections.get(alert) ?? "").matchAll(/^\*\*(\w+)\.\*\* \S/gm)].map(([, part]) => part);
    expect(parts).toEqual(["Meaning", "Impact", "Diagnosis", "Mitigation"]);
  });

  test("is seen firing by promtool", () => {
    const seen = [...RULE_TESTS.values()]
      .flatMap(({ tests }) => tests)
      .flatMap(({ alert_rule_test: rules = [] }) => rules)
      .filter(({ alertname, exp_alerts }) => alertname === alert && exp_alerts.length > 0);
    expect(seen).not.toEqual([]);
  });
});

test("every alert is seen on a fault in the lab, and none twice", () => {
  const made = [...FAULTS_OF_A_PAIR, ...FAULTS_OF_A_GROUP].flatMap(({ alerts }) => alerts);
  expect([...made].sort()).toEqual([...names].sort());
});

test("no runbook is left over, and no name stands twice", () => {
  expect([...sections.keys()].sort()).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});

test.each(queries)("%s asks for metrics that there are", (_, expr) => {
  const own = [...expr.matchAll(/\bdnslb_\w+/g)].map(([name]) => name);
  const rules = [...expr.matchAll(/\b\w+:\w+:\w+\b/g)].map(([name]) => name);
  const inRules = rules.flatMap((rule) => [...rule.matchAll(/dnslb_\w+/g)].map(([name]) => name));
  expect(rules.filter((name) => !recorded.has(name))).toEqual([]);
  expect(own.filter((name) => !inRules.includes(name) && !metrics.has(name))).toEqual([]);
  expect([...own, ...rules, ...(expr.match(/\b(haproxy|dnsdist)_\w+|\bup\{/g) ?? [])]).not.toEqual([]);
});

describe.each(dashboards)("%s", (_, board) => {
  const panels = board.panels.filter((each) => each.type !== "row");

  test("has an id for each panel, and no panel over another", () => {
    const ids = board.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_each, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test("has a unit for each panel, and colours for figures", () => {
    for (const panel of panels) {
      expect([panel.title, panel.fieldConfig.defaults.unit]).toEqual([panel.title, expect.stringMatching(/^\S+$/)]);
      if (panel.type === "stat") expect(panel.fieldConfig.defaults.color.mode).toBe("thresholds");
      const [first, ...others] = panel.fieldConfig.defaults.thresholds.steps.map(({ value }) => value);
      expect(first).toBeUndefined();
      expect(others).toEqual([...others].sort((a = 0, b = 0) => a - b));
    }
  });

  test("has variables for all that its queries name", () => {
    const known = board.templating.list.map(({ name }) => name);
    const named = [...JSON.stringify(board.panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect(named.filter((name = "") => name !== "__rate_interval" && !known.includes(name))).toEqual([]);
  });
});

test("fails when a dashboard is none of Grafana's", () => {
  const [, first] = dashboards[0] ?? [];
  expect(
    DASHBOARD.safeParse({ ...first, panels: [{ ...first?.panels[1], gridPos: { h: 8, w: 25, x: 0, y: 0 } }] }),
  ).toMatchObject({ success: false });
});
