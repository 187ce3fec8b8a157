import type { Recorded } from "./recorded.js";

/** A figure stands before its name: `528<!-- figure: drill.outage.node-killed -->`. */
const FIGURE = /([\d.,]*\d)?<!-- figure: (\S+) -->/g;
/** A block of text follows its name: `<!-- recorded: quickstart.console -->`. */
const BLOCK = /^<!-- recorded: (\S+) -->\n```text\n([\s\S]*?)^```$/gm;
/** What only a measurement can say, outside of blocks of code. */
const MEASURED = /[\d.,]*\d(?: ms| of (?:the )?[\d,]+ (?:queries|trials|runs|connections))\b/g;
const CODE = /^```[\s\S]*?^```$/gm;

/** A Markdown text with the figures of the records in their places. */
export function withFigures(text: string, { numbers, blocks }: Recorded): string {
  return text
    .replace(FIGURE, (place, _told, name: string) => `${numbers[name] ?? "?"}${place.slice(place.indexOf("<"))}`)
    .replace(BLOCK, (_place, name: string) => `<!-- recorded: ${name} -->\n\`\`\`text\n${blocks[name] ?? "?"}\n\`\`\``);
}

/** What the figures of a Markdown text say that the records do not, and what looks measured and has no record. */
export function wrongFigures(text: string, { numbers, blocks }: Recorded): string[] {
  const told = [...text.matchAll(FIGURE)].flatMap(([, value, name = ""]) => {
    const recorded = numbers[name];
    if (recorded === undefined) return [`no record has a figure ${name}`];
    return value === recorded ? [] : [`${name} is ${recorded}, not ${value ?? "told"}`];
  });
  const shown = [...text.matchAll(BLOCK)].flatMap(([, name = "", block]) => {
    const recorded = blocks[name];
    if (recorded === undefined) return [`no record has a block ${name}`];
    return block === `${recorded}\n` ? [] : [`${name} is not what the record shows`];
  });
  const marks = text.match(/<!-- (?:figure|recorded):/g)?.length ?? 0;
  const unread = marks - [...text.matchAll(FIGURE)].length - [...text.matchAll(BLOCK)].length;
  const unmarked = text.replace(CODE, "").match(MEASURED) ?? [];
  return [
    ...told,
    ...shown,
    ...(unread === 0 ? [] : [`${unread} marks of figures are written wrongly`]),
    ...unmarked.map((words) => `"${words}" is measured and has no mark`),
  ];
}
