import { visible } from "./markup.js";

/*
 * How wide a text may become. Nobody knows which font a reader has, so the widths are those of DejaVu Sans, which is wider
 * than Arial, Helvetica, Segoe UI and Roboto.
 */

/** Thousandths of the font size for the characters from U+0020 to U+007E. */
const WIDTHS: readonly number[] = [
  ...[318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337],
  ...[636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531],
  ...[1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787],
  ...[603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500],
  ...[500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612],
  ...[635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838],
];
const FIRST = 0x20;
/** Wider than any other letter, such as one of Chinese. */
const OTHER = 1_050;
/** How much wider bold letters are, at most. */
const BOLD = 1.13;

/** The most pixels that a text takes on a line. */
export function textWidth(text: string, size: number, bold = false): number {
  let thousandths = 0;
  for (const character of visible(text)) thousandths += WIDTHS[(character.codePointAt(0) ?? 0) - FIRST] ?? OTHER;
  return (thousandths / 1_000) * size * (bold ? BOLD : 1);
}

/** A text that is at most so long: the middle of a longer one is left out. */
export function shortened(text: string, most = 46): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const kept = most - 1;
  return `${characters.slice(0, Math.ceil(kept / 2)).join("")}…${characters.slice(-Math.floor(kept / 2)).join("")}`;
}

/** Puts items on as few lines as their lengths allow, in their order. */
export function wrapped(items: readonly string[], most = 46, separator = ", "): string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = index === items.length - 1 ? item : `${item}${separator.trimEnd()}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= most) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}

/** The first items of a list, with the number of those that are left out. */
export function firstOf(items: readonly string[], most: number): readonly string[] {
  return items.length <= most ? items : [...items.slice(0, most - 1), `and ${items.length - most + 1} more`];
}
