import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = join(__dirname, "../..");
const types = join(root, "lib/testing/matcher-types.mts");

/** The part of the types of jest that an augmentation meets, by the packages' own shapes: `@types/jest`. */
const GLOBAL_JEST = `
declare namespace jest {
  interface Matchers<R, T = {}> { toBe<E = any>(expected: E): R; }
  type Not<M> = M & { not: M };
  type JestMatchers<T> = Not<Matchers<void, T>> & { resolves: Not<Matchers<Promise<void>, T>> };
  interface Expect { <T = any>(actual: T): JestMatchers<T>; stringContaining(text: string): any; any(kind: any): any; }
}
declare const expect: jest.Expect;
`;

/** \`expect\`, whose matchers \`@jest/globals\` shows. */
const EXPECT = `
export interface AsymmetricMatcher { asymmetricMatch(other: unknown): boolean; toAsymmetricMatcher?(): string; }
export interface Matchers<R extends void | Promise<void>, T = unknown> { toBe(expected: unknown): R; }
`;
const JEST_GLOBALS = `
import type { AsymmetricMatcher, Matchers } from "expect";
type Not<M> = M & { not: M };
type JestMatchers<T> = Not<Matchers<void, T>> & { resolves: Not<Matchers<Promise<void>, T>> };
export declare const expect: {
  <T>(actual: T): JestMatchers<T>;
  stringContaining(text: string): AsymmetricMatcher;
  any(kind: unknown): AsymmetricMatcher;
};
`;

/** Uses of every kind of matcher; those that are mistakes are errors. */
const USES = `
declare const node: object;
expect(node).toBe(node);
expect(node).toHaveHaproxyLine("backend resolvers", "balance leastconn");
expect(node).not.toHaveHaproxyLine(/^backend/, expect.stringContaining("balance"));
expect(node).toHaveFile("manifest.json", /node/);
expect(node).toHaveDnsdistServer("resolvers/resolver1", { address: /^192/, weight: expect.any(Number), pools: ["a", /b/] });
expect(node).toHaveDnsdistServer("resolvers/resolver1", expect.any(Object));
expect(node).toHaveZoneRecord("example.com", { type: "A", data: expect.stringContaining("192") });
expect(node).toHaveSecretFile("secrets/dot.pem", { kind: "local-file", path: /pem$/ });
expect(node).toHaveTerraformResource("docker_container", { image: expect.stringContaining("debian") });
expect(node).not.toBreakRule("DNSLB014", /open/);
expect(node).toKeepSecrets("hunter2", "hunter3");
const checked: Promise<unknown> = expect(node).toPassDaemonChecks();
// @ts-expect-error: no line
expect(node).toHaveHaproxyLine("backend resolvers");
// @ts-expect-error: no text
expect(node).toHaveFile(53);
// @ts-expect-error: misspelt
expect(node).toHaveDnsdistServer("resolvers/resolver1", { wieght: 1 });
// @ts-expect-error: of another type
expect(node).toHaveDnsdistServer("resolvers/resolver1", { weight: "1" });
// @ts-expect-error: no such kind
expect(node).toHaveSecretFile("secrets/dot.pem", { kind: "localfile" });
// @ts-expect-error: no such matcher
expect(node).toHaveHaproxyLines("backend resolvers", "balance leastconn");
`;

/** The errors of a test, and of the types, where some packages are installed. */
function errorsOf(text: string, packages: Readonly<Record<string, string>>): string[] {
  const folder = join(root, "test/testing/imaginary");
  const files = new Map([[join(folder, "a.test.ts"), text]]);
  const paths: Record<string, string[]> = {};
  for (const [name, declarations] of Object.entries(packages)) {
    const path = join(folder, `${name.replaceAll("/", "+")}.d.ts`);
    files.set(path, declarations);
    paths[name] = [path];
  }
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    paths,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || (!isRunner(path) && fileExists(path));
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const own = files.get(path);
    return own === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, own, languageVersion, true);
  };
  const program = ts.createProgram([types, ...files.keys()], options, host);
  return [types, ...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ start = 0, messageText }) => {
      const { line } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0 };
      return `${path.replace(`${root}/`, "")}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

/** Only what a test names is installed. */
function isRunner(path: string): boolean {
  return /\/node_modules\/(vitest|@vitest|expect|@jest|@types\/jest)\//.test(path);
}

describe("the types of the matchers", { timeout: 120_000 }, () => {
  test("are those of jest's global expect()", () => {
    expect(errorsOf(USES, { "jest-global": GLOBAL_JEST })).toEqual([]);
  });

  test("are those of @jest/globals", () => {
    const packages = { expect: EXPECT, "@jest/globals": JEST_GLOBALS };
    expect(errorsOf(`import { expect } from "@jest/globals";${USES}`, packages)).toEqual([]);
  });

  test("need no runner", () => {
    expect(errorsOf("export {};", {})).toEqual([]);
  });
});
