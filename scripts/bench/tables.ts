import { type Cell, table } from "../figures/table.js";
import type { Figure, Ratio, Results, Unit } from "./results.js";

/** Shows figures and ratios of one part. */
export function showResults({ figures, ratios }: Results): string {
  const tables = [
    ...(figures.length === 0 ? [] : [table(["figure", "median", "95 % interval", "unit"], figures.map(figureRow))]),
    ...(ratios.length === 0 ? [] : [table(["ratio", "median", "95 % interval", "pairs"], ratios.map(ratioRow))]),
  ];
  return tables.join("\n\n");
}

function figureRow({ name, median, low, high, unit }: Figure): Cell[] {
  const [shown, scaled] = scaleOf(unit, median);
  return [name, scaled(median), `${scaled(low)} to ${scaled(high)}`, shown];
}

function ratioRow({ name, median, low, high, values }: Ratio): Cell[] {
  return [name, median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`, values.length];
}

/** In which unit a value is shown, and how. */
export function scaleOf(unit: Unit, median: number): [string, (value: number) => string] {
  if (unit === "s" && median < 0.000_1) return ["µs", (value) => (value * 1_000_000).toFixed(1)];
  if (unit === "s" && median < 0.1) return ["ms", (value) => (value * 1_000).toFixed(3)];
  if (unit.endsWith("/s")) return [unit, (value) => Math.round(value).toLocaleString("en-US")];
  return [unit, (value) => value.toFixed(2)];
}
