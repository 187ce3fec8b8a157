import type { Report } from "./report.js";
import type { Figure, Ratio } from "./results.js";
import { COLORS, render } from "./svg.js";

const ROW = 26;

/** Pictures of a report as SVG, by name. */
export function picturesOf({ figures, ratios }: Pick<Report, "figures" | "ratios">): Record<string, string> {
  const groups = new Map<string, Figure[]>();
  for (const figure of figures) {
    const group = groupOf(figure);
    groups.set(group, [...(groups.get(group) ?? []), figure]);
  }
  const bars = [...groups].map(([name, group]) => [name.replaceAll("/", "-"), barsOf(name, group)]);
  return { ...Object.fromEntries(bars), ...(ratios.length === 0 ? {} : { ratios: ratiosOf(ratios) }) };
}

/** All of a figure's name but the subject. */
function groupOf({ name }: Figure): string {
  return name.slice(0, name.lastIndexOf("/"));
}

function barsOf(name: string, figures: readonly Figure[]): string {
  const sorted = [...figures].sort((one, other) => one.median - other.median);
  const [first] = sorted;
  return render(`${name}, ${first?.unit ?? ""}`, sorted.length * ROW, {
    yAxis: { type: "category", data: sorted.map(({ title }) => title), ...AXIS },
    xAxis: { type: "value", ...AXIS },
    series: [
      {
        type: "bar",
        data: sorted.map(({ median, name: path }) => ({
          value: median,
          itemStyle: { color: isPeer(path) ? COLORS.peer : COLORS.ours },
        })),
        label: {
          show: true,
          position: "right",
          color: COLORS.text,
          formatter: ({ value }) => shortened(Number(value)),
        },
      },
    ],
  });
}

function ratiosOf(ratios: readonly Ratio[]): string {
  const sorted = [...ratios].reverse();
  return render("ratios with their 95 % intervals", sorted.length * ROW, {
    yAxis: { type: "category", data: sorted.map(({ name }) => name), ...AXIS },
    xAxis: { type: "log", logBase: 2, ...AXIS },
    series: [
      {
        type: "custom",
        renderItem: (_, api) => {
          const [, y = 0] = api.coord([1, api.value(0)]);
          const [low = 0] = api.coord([api.value(1), 0]);
          const [median = 0] = api.coord([api.value(2), 0]);
          const [high = 0] = api.coord([api.value(3), 0]);
          const style = { stroke: COLORS.ours, lineWidth: 2 };
          return {
            type: "group",
            children: [
              { type: "line", shape: { x1: low, y1: y, x2: high, y2: y }, style },
              { type: "circle", shape: { cx: median, cy: y, r: 4 }, style: { fill: COLORS.ours } },
            ],
          };
        },
        data: sorted.map(({ low, median, high }, index) => [index, low, median, high]),
        encode: { x: [1, 2, 3], y: 0 },
        markLine: {
          ...{ symbol: "none", silent: true, label: { show: false } },
          ...{ lineStyle: { color: COLORS.line, type: "dashed" }, data: [{ xAxis: 1 }] },
        },
      },
    ],
  });
}

const AXIS = {
  axisLabel: { color: COLORS.text },
  axisLine: { lineStyle: { color: COLORS.line } },
  splitLine: { lineStyle: { color: COLORS.line, opacity: 0.25 } },
} as const;

/** Whether a figure is that of a peer, by its subject. */
function isPeer(path: string): boolean {
  return /\/(straight|dnsdist|dnsdist-cache|nginx|article|plain)$/.test(path);
}

function shortened(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} k` : value.toPrecision(3);
}
