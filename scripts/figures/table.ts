/** A cell of a table: numbers are aligned to the right. */
export type Cell = string | number | undefined;

/** The widest line that a table makes, as long as its cells can be broken. */
export const WIDTH = 100;

const GAP = "  ";

/**
 * Sets rows below their headings in aligned columns, as plain text. What makes a line too wide is broken in its last
 * column, after a comma.
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => headings.map((_, column) => textOf(row[column])));
  const isRight = headings.map((_, column) => rows.length > 0 && rows.every((row) => isNumeric(row[column])));
  const last = headings.length - 1;
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...texts.map((row) => (row[column] ?? "").length)),
  );
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join(GAP)
      .trimEnd();
  const broken = texts.flatMap((row) => {
    const [first = "", ...others] = folded(row[last] ?? "", WIDTH - before);
    return [[...row.slice(0, last), first], ...others.map((rest) => [...row.slice(0, last).map(() => ""), rest])];
  });
  return [headings, ...broken].map(line).join("\n");
}

function textOf(cell: Cell): string {
  return cell === undefined ? "-" : String(cell);
}

function isNumeric(cell: Cell): boolean {
  return cell === undefined || typeof cell === "number";
}

/** Breaks a text after its commas, so that no part is wider than it need be. */
function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of text.split(/(?<=,) /)) {
    const longer = line === "" ? part : `${line} ${part}`;
    if (line === "" || longer.length <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = part;
  }
  return [...lines, line];
}
