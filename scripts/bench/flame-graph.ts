import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "./stacks.js";
import { render } from "./svg.js";

/** A function at its place below its callers. */
interface Frame {
  readonly name: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

const ROW = 16;
/*
 * Frames above one another: of programs that keep no frame pointers, a stack may be read wrongly, and go on for ever.
 */
const DEEPEST = 48;
/* The share of all samples below which a frame is left out: it would be too narrow to be seen. */
const LEAST = 0.002;
const COLORS = ["#e4793b", "#e8914d", "#dd6a4a", "#eaa65c", "#d98546"];
/* Pixels of a letter. */
const LETTER = 6;

/** Draws stacks into a file of a folder. */
export function drawFlameGraph(folder: string, name: string, stacks: readonly Stack[], title: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `profile-${name}.svg`), flameGraph(stacks, title));
}

/** Draws stacks as a flame graph: the width of a function is the time in it and in what it calls. */
export function flameGraph(stacks: readonly Stack[], title: string): string {
  const total = stacks.reduce((sum, { count }) => sum + count, 0);
  const frames = framesOf(stacks).filter(({ depth, start, end }) => depth < DEEPEST && (end - start) / total >= LEAST);
  const depth = Math.max(0, ...frames.map((frame) => frame.depth));
  return render(title, (depth + 1) * ROW, {
    grid: { left: 8, right: 8, top: 44, bottom: 8 },
    xAxis: { type: "value", min: 0, max: total, show: false },
    yAxis: { type: "value", min: 0, max: depth + 1, show: false },
    series: [
      {
        type: "custom",
        data: frames.map((frame) => [frame.start, frame.end, frame.depth]),
        encode: { x: [0, 1], y: 2 },
        renderItem: ({ dataIndex }, api) => {
          const frame = frames[dataIndex];
          if (frame === undefined) return undefined;
          const [left = 0, bottom = 0] = api.coord([frame.start, frame.depth]);
          const [right = 0, top = 0] = api.coord([frame.end, frame.depth + 1]);
          const width = Math.max(right - left - 0.5, 0.5);
          const fit = Math.floor(width / LETTER);
          return {
            type: "rect",
            shape: { x: left, y: top, width, height: bottom - top - 0.5 },
            style: { fill: COLORS[(frame.name.length + frame.depth) % COLORS.length] ?? "#e4793b" },
            textContent: {
              type: "text",
              style: { text: fit < 4 ? "" : frame.name.slice(0, fit), fill: "#20242c", fontSize: 10 },
            },
            textConfig: { position: "insideLeft" },
          };
        },
      },
    ],
  });
}

/** The frames of all stacks, those with the same callers as one, in alphabetical order from the left. */
export function framesOf(stacks: readonly Stack[]): Frame[] {
  const sorted = [...stacks].sort((one, other) => (one.frames.join(";") < other.frames.join(";") ? -1 : 1));
  const done: Frame[] = [];
  let open: Frame[] = [];
  let at = 0;
  for (const { frames, count } of sorted) {
    const common = open.findIndex(({ name }, depth) => frames[depth] !== name);
    const kept = common < 0 ? open.length : common;
    const start = at;
    for (const frame of open.slice(kept)) done.push({ ...frame, end: start });
    const added = frames.slice(kept).map((name, index) => ({ name, depth: kept + index, start, end: start }));
    open = [...open.slice(0, kept), ...added];
    at += count;
  }
  return [...done, ...open.map((frame) => ({ ...frame, end: at }))];
}
