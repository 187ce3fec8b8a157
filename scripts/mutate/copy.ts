import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutation } from "./mutation.js";

const ROOT = join(__dirname, "../..");
const COPIED = ["lib", "test", "examples", "scripts", "docs", "package.json", "tsconfig.json", "vitest.config.mts"];

const ASSEMBLER = "lib/node/compile/manifest.ts";
const ASSEMBLES = "export function assembleNode(";

const IMPORT = 'import { writeFileSync as writeMark } from "node:fs";\n';

/** What the copy does with every release that it compiles: it breaks a line, and leaves a mark. */
const BREAKER = `
function broken(spec: NodeSpec): NodeSpec {
  const given = process.env["DNS_LB_MUTATION"];
  if (given === undefined) return spec;
  const { file, line, flags, becomes, mark } = JSON.parse(given);
  const files = spec.files.map((each) => {
    if (each.path !== file) return each;
    const content = each.content.replace(new RegExp(line, flags), becomes);
    if (content !== each.content) writeMark(mark, "");
    return { ...each, content };
  });
  return { ...spec, files };
}

export function assembleNode(frame: NodeFrame, daemons: readonly DaemonParts[]): NodeSpec {
  return broken(assembled(frame, daemons));
}
`;

/** A copy of the project whose compiler breaks the line that it is told by `environmentOf()`. */
export class BreakingCopy {
  readonly directory = mkdtempSync(join(tmpdir(), "dns-lb-mutate-"));

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.directory, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.directory, "node_modules"));
    const path = join(this.directory, ASSEMBLER);
    const source = readFileSync(path, "utf8");
    if (source.split(ASSEMBLES).length !== 2) throw new Error(`${ASSEMBLER} has no place for the breaker`);
    writeFileSync(path, IMPORT + source.replace(ASSEMBLES, "function assembled(") + BREAKER);
  }

  /** The file that is there once the line was found and broken. */
  get mark(): string {
    return join(this.directory, "broken");
  }

  environmentOf({ file, line: { source, flags }, becomes }: Mutation): Record<string, string> {
    return { DNS_LB_MUTATION: JSON.stringify({ file, line: source, flags, becomes, mark: this.mark }) };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
