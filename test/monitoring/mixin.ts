import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const MIXIN = join(__dirname, "../../monitoring");

/** A rule of Prometheus: an alert, or what is recorded. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Alert extends Rule {
  readonly alert: string;
  readonly for: string;
}

interface Groups {
  readonly groups: readonly { readonly name: string; readonly interval: string; readonly rules: readonly Rule[] }[];
}

function groupsOf(name: string): Groups["groups"] {
  return (parse(readFileSync(join(MIXIN, "compiled", name), "utf8")) as Groups).groups;
}

function rulesOf(name: string): readonly Rule[] {
  return groupsOf(name).flatMap(({ rules }) => rules);
}

/** How often each group of rules is evaluated. */
export const INTERVALS: readonly string[] = ["alerts.yaml", "rules.yaml"].flatMap((name) =>
  groupsOf(name).map(({ interval }) => interval),
);

/** The alerts of the compiled mixin. */
export const ALERTS: readonly Alert[] = rulesOf("alerts.yaml").filter(
  (rule): rule is Alert => rule.alert !== undefined,
);

/** Its recording rules. */
export const RECORDS: readonly Rule[] = rulesOf("rules.yaml");

/** Its dashboards, by file. */
export const DASHBOARDS: ReadonlyMap<string, unknown> = new Map(
  readdirSync(join(MIXIN, "compiled/dashboards")).map((name) => [
    name,
    JSON.parse(readFileSync(join(MIXIN, "compiled/dashboards", name), "utf8")) as unknown,
  ]),
);

/** The tests of rules for promtool, by file. */
export const RULE_TESTS: ReadonlyMap<string, RuleTests> = new Map(
  readdirSync(join(MIXIN, "tests")).map((name) => [
    name,
    parse(readFileSync(join(MIXIN, "tests", name), "utf8")) as RuleTests,
  ]),
);

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}
