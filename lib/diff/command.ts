import { parseArgs } from "node:util";
import { INSTALLATION } from "../core/installation.js";
import { DiffError } from "./errors.js";
import { reportOf } from "./report.js";
import { readSynthesis } from "./synthesis.js";

/** What a status of `dns-lb diff` means. */
export const STATUS = { undisturbed: 0, failed: 1, disturbed: 2 } as const;

const USAGE = `usage: dns-lb diff OLD NEW

Says in words what a change means, as Markdown: servers in and out, who is refused now, limits, what restarts, what is
replaced. OLD and NEW are outputs of synthesis, such as cdktf.out.

status: 0 nothing restarts, is replaced or removed, 2 something does or is, 1 they could not be compared
`;

/** Runs a command line, and returns its status. */
export function run(words: readonly string[], write: { out(text: string): void; err(text: string): void }): number {
  try {
    const options = { help: { type: "boolean", short: "h" }, version: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    if (values.help === true) {
      write.out(USAGE);
      return STATUS.undisturbed;
    }
    if (values.version === true) {
      write.out(`${INSTALLATION.version}\n`);
      return STATUS.undisturbed;
    }
    const [command, before, after, ...rest] = positionals;
    if (command !== "diff" || before === undefined || after === undefined || rest.length > 0) {
      write.err(USAGE);
      return STATUS.failed;
    }
    const { markdown, disturbs } = reportOf(readSynthesis(before), readSynthesis(after));
    write.out(markdown);
    return disturbs ? STATUS.disturbed : STATUS.undisturbed;
  } catch (error) {
    if (!isExpected(error)) throw error;
    write.err(`dns-lb: ${error.message}\n`);
    return STATUS.failed;
  }
}

/** Wrong arguments, folders that are no syntheses, and files that cannot be read; anything else is a defect. */
function isExpected(error: unknown): error is Error {
  if (error instanceof DiffError) return true;
  return error instanceof Error && "code" in error && /^(ERR_PARSE_ARGS|E[A-Z]+$)/.test(String(error.code));
}
