// Type-checks every ```ts block of the Markdown files and of the doc comments in lib/.
//
// A block is a module of its own. A comment on the line before it changes that:
//   <!-- fixture: NAME -->  the block stands where docs/fixtures/NAME.ts says `/// here`; its imports move to the top
//   <!-- continues -->      the block goes on where the one before it in the same file ended
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { repositoryFiles } from "./files.mjs";
import { Failure, root, runMain } from "./run.mjs";

const FIXTURES = "docs/fixtures";
const HERE = /^[ \t]*\/\/\/ here[ \t]*$/m;

/**
 * @typedef {{ file: string, line: number, fixture: string | undefined, continues: boolean, text: string }} Block
 * @typedef {{ name: string, text: string, origin: (line: number) => string }} Module
 */

await runMain(async () => {
  const files = repositoryFiles();
  if (!files.includes("README.md")) throw new Failure("README.md does not exist");
  const markdown = files.filter((file) => file.endsWith(".md") && !file.startsWith("api/"));
  const sources = files.filter((file) => file.startsWith("lib/") && file.endsWith(".ts"));
  const blocks = [
    ...markdown.flatMap((file) => blocksIn(file, readFileSync(join(root, file), "utf8"))),
    ...sources.flatMap((file) => blocksIn(file, commentsOnly(readFileSync(join(root, file), "utf8")))),
  ];
  const problems = [...unusedFixtures(blocks), ...compile(modulesOf(blocks))];
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  console.log(`${blocks.length} blocks`);
});

/** Blanks out what is not inside a doc comment, so that line numbers stay. @param {string} source */
function commentsOnly(source) {
  let inside = false;
  const lines = source.split("\n").map((line) => {
    if (!inside && /^\s*\/\*\*/.test(line)) inside = true;
    const text = inside ? line.replace(/^\s*(\/\*\*|\*(?!\/))? ?/, "") : "";
    if (line.includes("*/")) inside = false;
    return text.replace(/\*\/.*$/, "");
  });
  return lines.join("\n");
}

/** @param {string} file @param {string} text @returns {Block[]} */
function blocksIn(file, text) {
  const lines = text.split("\n");
  /** @type {Block[]} */
  const blocks = [];
  for (let start = 0; start < lines.length; start += 1) {
    const fence = /^(\s*)(`{3,})(\w*)/.exec(lines[start] ?? "");
    if (!fence) continue;
    const [, indent = "", ticks = "", language = ""] = fence;
    let end = start + 1;
    while (end < lines.length && (lines[end] ?? "").trim() !== ticks) end += 1;
    if (/^(ts|typescript)$/.test(language)) {
      const before =
        lines
          .slice(0, start)
          .filter((line) => line.trim() !== "")
          .at(-1) ?? "";
      const body = lines.slice(start + 1, end).map((line) => line.replace(indent, ""));
      blocks.push({
        file,
        line: start + 2,
        fixture: /^\s*<!--\s*fixture:\s*([\w-]+)\s*-->\s*$/.exec(before)?.[1],
        continues: /^\s*<!--\s*continues\s*-->\s*$/.test(before),
        text: body.join("\n"),
      });
    }
    start = end;
  }
  return blocks;
}

/** Joins blocks to modules, with imports on top and each line's origin known. @param {readonly Block[]} blocks */
function modulesOf(blocks) {
  /** @type {Block[][]} */
  const groups = [];
  for (const block of blocks) {
    const last = groups.at(-1);
    if (!block.continues) groups.push([block]);
    else if (last?.[0]?.file === block.file) last.push(block);
    else throw new Failure(`${block.file}:${block.line}: nothing to continue`);
  }
  return groups.map(toModule);
}

/** @param {Block[]} group @returns {Module} */
function toModule(group, index = 0) {
  const [first] = group;
  if (!first) throw new Error("a module without a block");
  const { before, after } = fixture(first);
  /** @type {{ text: string, origin: string }[]} */
  const imports = [];
  /** @type {{ text: string, origin: string }[]} */
  const body = [];
  for (const block of group) {
    const importing = importLines(block.text);
    block.text.split("\n").forEach((text, offset) => {
      (importing.has(offset) ? imports : body).push({ text, origin: `${block.file}:${block.line + offset}` });
    });
  }
  const around = (/** @type {string} */ text) =>
    text === "" ? [] : text.split("\n").map((line) => ({ text: line, origin: `${FIXTURES}/${first.fixture}.ts` }));
  const lines = [...imports, ...around(before), ...body, ...around(after), { text: "export {};", origin: first.file }];
  return {
    name: join(root, `.docs-${index}-${first.file.replace(/\W/g, "-")}-${first.line}.mts`),
    text: lines.map(({ text }) => text).join("\n"),
    origin: (line) => lines[line]?.origin ?? first.file,
  };
}

/** @param {Block} block */
function fixture({ file, line, fixture: name }) {
  if (name === undefined) return { before: "", after: "" };
  const path = join(root, FIXTURES, `${name}.ts`);
  if (!existsSync(path)) throw new Failure(`${file}:${line}: no fixture ${FIXTURES}/${name}.ts`);
  const [before, after, ...more] = readFileSync(path, "utf8").split(HERE);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Failure(`${FIXTURES}/${name}.ts: '/// here' must stand in it once, on a line of its own`);
  }
  return { before, after };
}

/** The numbers of the lines that import statements take. @param {string} text */
function importLines(text) {
  const source = ts.createSourceFile("block.mts", text, ts.ScriptTarget.ES2022);
  const numbers = new Set();
  for (const statement of source.statements.filter(ts.isImportDeclaration)) {
    const from = source.getLineAndCharacterOfPosition(statement.getStart(source)).line;
    const to = source.getLineAndCharacterOfPosition(statement.end).line;
    for (let line = from; line <= to; line += 1) numbers.add(line);
  }
  return numbers;
}

/** @param {readonly Block[]} blocks */
function unusedFixtures(blocks) {
  const folder = join(root, FIXTURES);
  const names = existsSync(folder) ? readdirSync(folder).map((file) => file.replace(/\.ts$/, "")) : [];
  const used = new Set(blocks.map((block) => block.fixture));
  return names.filter((name) => !used.has(name)).map((name) => `${FIXTURES}/${name}.ts: no block uses this fixture`);
}

/** @param {readonly Module[]} modules */
function compile(modules) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const virtual = new Map(modules.map((module) => [module.name, module]));
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const module = virtual.get(path);
    if (!module) return getSourceFile(path, target, ...rest);
    return ts.createSourceFile(path, module.text, target);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  return modules.flatMap((module) => {
    const source = program.getSourceFile(module.name);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
      return `${module.origin(line)}: ${ts.flattenDiagnosticMessageText(messageText, "\n  ")}`;
    });
  });
}
