import { table } from "../figures/table.js";

/** How often the processor was seen in a stack of functions, the outermost first. */
export interface Stack {
  readonly frames: readonly string[];
  readonly count: number;
}

const SHOWN = 25;

/** Counts the stacks that `perf script` prints: a line with the program, a line for each frame, and an empty line. */
export function foldedStacks(output: string): Stack[] {
  const counts = new Map<string, Stack>();
  for (const block of output.split(/\n\s*\n/)) {
    const [head = "", ...lines] = block.split("\n").filter((line) => line.trim() !== "");
    if (head === "") continue;
    const frames = [head.trim(), ...lines.map(frameOf).reverse()];
    const key = frames.join(";");
    counts.set(key, { frames, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

/** The function of a frame or, where it has no symbol, its file: ` 7f3a main (/usr/bin/dnsdist)`. */
function frameOf(line: string): string {
  const [, symbol = "", file = ""] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? [];
  return symbol === "[unknown]" || symbol === "" ? `[${file.slice(file.lastIndexOf("/") + 1)}]` : symbol;
}

/** Shows in which functions the processor was seen most often, by themselves and with what they call. */
export function hottest(stacks: readonly Stack[]): string {
  const total = stacks.reduce((sum, { count }) => sum + count, 0);
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  for (const { frames, count } of stacks) {
    const last = frames.at(-1) ?? "";
    own.set(last, (own.get(last) ?? 0) + count);
    for (const frame of new Set(frames)) whole.set(frame, (whole.get(frame) ?? 0) + count);
  }
  const percent = (count: number) => ((count / total) * 100).toFixed(1);
  const rows = [...own]
    .sort(([, one], [, other]) => other - one)
    .slice(0, SHOWN)
    .map(([frame, count]) => [percent(count), percent(whole.get(frame) ?? 0), frame]);
  return table(["% itself", "% with callees", "function"], rows);
}
