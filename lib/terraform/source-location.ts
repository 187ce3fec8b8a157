import { join, relative, sep } from "node:path";
import type { IConstruct } from "constructs";
import { formatProblems, type Problem } from "../core/errors.js";

const LIBRARY = join(__dirname, "..") + sep;
const stacks = new WeakMap<IConstruct, Error>();

/**
 * Records where the user's code makes a construct, so that errors found at synthesis can name the line. The stack becomes a
 * text when it is read: with source maps that is slow.
 */
export function recordSourceLocation(construct: IConstruct): void {
  stacks.set(construct, new Error());
}

/** Where a construct was made: `main.ts:42`, relative to the working directory. */
export function sourceLocationOf(construct: IConstruct): string | undefined {
  const made = stacks.get(construct);
  return made === undefined ? undefined : callerOutsideOfLibrary(made);
}

/** What synthesis prints of a problem of a construct, after the construct's path: the problem, and where it was made. */
export function problemLine(construct: IConstruct, problem: Problem): string {
  const location = sourceLocationOf(construct);
  return `${formatProblems([problem])}${location ? ` (made at ${location})` : ""}`;
}

function callerOutsideOfLibrary({ stack = "" }: Error): string | undefined {
  for (const line of stack.split("\n").slice(1)) {
    const match = /\(?((?:file:\/\/)?\/[^()]+):(\d+):\d+\)?$/.exec(line);
    const file = match?.[1]?.replace(/^file:\/\//, "");
    if (file === undefined || file.startsWith(LIBRARY) || file.includes(`${sep}node_modules${sep}`)) continue;
    return `${relative(process.cwd(), file)}:${match?.[2]}`;
  }
  return undefined;
}
