import { z } from "zod";

/*
 * Grafana's schema of dashboards as it publishes it in kinds/dashboard/dashboard_kind.cue, version 36, for the kinds of panels
 * that are used here. Later versions of Grafana read it, and migrate it when somebody saves.
 */
export const SCHEMA_VERSION = 36;

const dataSource = z.strictObject({ type: z.string(), uid: z.string() });

const gridPos = z.strictObject({
  h: z.int().positive(),
  w: z.int().positive().max(24),
  x: z.int().nonnegative().max(23),
  y: z.int().nonnegative(),
});

const thresholds = z.strictObject({
  mode: z.enum(["absolute", "percentage"]),
  steps: z.array(z.strictObject({ color: z.string(), value: z.number().optional() })).min(1),
});

const fieldConfig = z.strictObject({
  defaults: z.strictObject({
    unit: z.string(),
    noValue: z.string(),
    min: z.number().optional(),
    max: z.number().optional(),
    color: z.strictObject({ mode: z.enum(["thresholds", "palette-classic"]) }),
    thresholds,
    mappings: z
      .array(
        z.strictObject({
          type: z.literal("value"),
          options: z.record(z.string(), z.strictObject({ text: z.string() })),
        }),
      )
      .optional(),
    custom: z.record(z.string(), z.unknown()),
  }),
  overrides: z.array(z.never()),
});

const target = z.strictObject({
  datasource: dataSource,
  refId: z.string().regex(/^[A-Z]$/),
  expr: z.string().min(1),
  legendFormat: z.string(),
  instant: z.boolean(),
  range: z.boolean(),
  format: z.literal("table").optional(),
});

const panel = z.strictObject({
  id: z.int().positive(),
  type: z.enum(["timeseries", "stat", "table"]),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: dataSource,
  targets: z.array(target).min(1),
  transformations: z.array(z.strictObject({ id: z.string(), options: z.record(z.string(), z.unknown()) })),
  transparent: z.boolean(),
  options: z.record(z.string(), z.unknown()),
  fieldConfig,
  gridPos,
});

const row = z.strictObject({
  id: z.int().positive(),
  type: z.literal("row"),
  title: z.string().min(1),
  collapsed: z.literal(false),
  panels: z.array(z.never()),
  gridPos,
});

const variable = z.looseObject({
  type: z.enum(["query", "datasource"]),
  name: z.string(),
  label: z.string(),
  hide: z.literal([0, 1, 2]),
  skipUrlSync: z.boolean(),
  query: z.union([z.string(), z.record(z.string(), z.string())]),
});

const link = z.strictObject({
  title: z.string(),
  type: z.enum(["link", "dashboards"]),
  icon: z.string(),
  tooltip: z.string(),
  url: z.string(),
  tags: z.array(z.string()),
  asDropdown: z.boolean(),
  targetBlank: z.boolean(),
  includeVars: z.boolean(),
  keepTime: z.boolean(),
});

/** A dashboard of the mixin. */
export const DASHBOARD = z.strictObject({
  uid: z.string().min(8).max(40),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  style: z.enum(["light", "dark"]),
  timezone: z.string(),
  editable: z.boolean(),
  graphTooltip: z.literal([0, 1, 2]),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timepicker: z.strictObject({}),
  refresh: z.string(),
  schemaVersion: z.literal(SCHEMA_VERSION),
  version: z.int(),
  fiscalYearStartMonth: z.int().min(0).max(11),
  weekStart: z.string(),
  liveNow: z.boolean(),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  links: z.array(link),
  templating: z.strictObject({ list: z.array(variable) }),
  panels: z.array(z.discriminatedUnion("type", [panel, row])),
});

export type Dashboard = z.infer<typeof DASHBOARD>;

/** A query of a dashboard, with what its variables stand for: everything. */
export interface DashboardQuery {
  readonly panel: string;
  readonly expr: string;
}

/** The queries of a dashboard for all load balancers and nodes, with rates over `window`. */
export function queriesOf(dashboard: Dashboard, window = "1m"): readonly DashboardQuery[] {
  return dashboard.panels.flatMap((each) =>
    each.type === "row"
      ? []
      : each.targets.map(({ expr }) => ({
          panel: each.title,
          expr: expr.replaceAll(/\$(load_balancer|node)\b/g, ".+").replaceAll("$__rate_interval", window),
        })),
  );
}
