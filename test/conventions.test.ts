import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultsTwice } from "./conventions/defaults.js";
import { type RuleName, violationsOf } from "./conventions/rules.js";

const root = join(__dirname, "..");
const modules = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => `lib/${file}`)
  .sort();

test("there are modules to check", () => {
  expect(modules).toContain("lib/core/errors.ts");
});

test.each(modules)("%s keeps the conventions", (path) => {
  const found = violationsOf(path, readFileSync(join(root, path), "utf8"));
  expect(found.map(({ place, message }) => `${place}: ${message}`)).toEqual([]);
});

describe("every rule", () => {
  const props = (member: string, name = "PoolProps") => `/** Props. */ export interface ${name} {\n${member}\n}`;

  test.each<[rule: RuleName, why: string, text: string]>([
    ["default", "an optional prop has no default", props("/** Balance. */ readonly balance?: string;")],
    ["default", "an optional option has no default", props("readonly fall?: number;", "QueryOptions")],
    ["default", "the default says undefined", props("/** @default undefined */ readonly balance?: string;")],
    ["default", "the default says none", props("/** @default - none */ readonly balance?: string;")],
    ["default", "the default hides a value in words", props("/** @default - false */ readonly tcp?: boolean;")],
    ["default", "the default is empty", props("/** @default */ readonly balance?: string;")],
    ["readonly", "a prop can be changed", props("name: string;")],
    ["readonly", "a property of another interface can be changed", props("address: string;", "Server")],
    ["comment", "a function has no comment", "export function f(): void {}"],
    ["comment", "a class has no comment", "export class Pool {}"],
    ["comment", "an interface has no comment", "export interface Pool {}"],
    ["comment", "a type has no comment", "export type Pool = string;"],
    ["comment", "a constant has only a line comment", "// Port.\nexport const PORT = 53;"],
    ["comment", "an enum has only tags", "/** @internal */ export enum Transport { UDP }"],
    ["error", "a bare error is thrown", 'function f() { throw new Error("no"); }'],
    ["pure", "constructs are imported", 'import { Construct } from "constructs";'],
    ["pure", "only a type of cdktf is imported", 'import type { App } from "cdktf";'],
    ["pure", "a type is imported in place", 'let app: import("cdktf").App;'],
    ["pure", "a module below cdktf is exported again", 'export { App } from "cdktf/lib/app";'],
    ["pure", "a provider is required", 'const docker = require("@cdktf/provider-docker");'],
  ])("%s: fails when %s", (rule, _why, text) => {
    expect(violationsOf("lib/node/fixture.ts", text).map((violation) => violation.rule)).toEqual([rule]);
  });

  test.each<[why: string, path: string, text: string]>([
    ["a prop is documented", "lib/dns/a.ts", props('/** @default "2s" */ readonly interval?: string;')],
    [
      "a default tells what happens",
      "lib/dns/a.ts",
      props("/** @default - the port of the listener */ readonly p?: number;"),
    ],
    ["an optional property is no input", "lib/model/a.ts", props("readonly port?: number;", "Server")],
    [
      "an overload follows a documented one",
      "lib/core/a.ts",
      "/** F. */ export function f(): void;\nexport function f() {}",
    ],
    ["a class of ours is thrown", "lib/core/a.ts", 'function f() { throw new InternalError("no"); }'],
    ["a construct imports constructs", "lib/dns/a.ts", 'import { Construct } from "constructs";'],
    ["a module is only named alike", "lib/core/a.ts", 'import { x } from "./constructs.js";'],
  ])("passes when %s", (_why, path, text) => {
    expect(violationsOf(path, text)).toEqual([]);
  });
});

describe("defaults of what users write", () => {
  test("stand once, and are what the documentation says", () => {
    const inputs = modules.filter((path) => /^lib\/(dns|servers|ha|platforms)\//.test(path));
    expect(defaultsTwice(inputs.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })))).toEqual([]);
  });

  const check = (code: string, says = '"2s"', schema = 'interval: withDefault(duration, "2s"),') =>
    defaultsTwice([
      {
        path: "lib/dns/a.ts",
        text: `export interface BaseProps {
            /** @default ${says} */
            readonly interval?: string;
          }
          export interface Props extends BaseProps { readonly name: string; }
          const SECONDS = "2s";
          const SCHEMA = object<Props>()({ name, ${schema} });
          ${code}`,
      },
    ]).map((text) => text.replace(/^lib\/dns\/a.ts:\d+: /, ""));

  test.each<[why: string, code: string]>([
    ["properties are taken apart", 'const { interval = "2s" } = props;'],
    ["properties are taken apart under another name", 'const { interval: time = "2s" } = props;'],
    ["a check takes them apart", 'function check({ interval = "2s" }: Props) {}'],
    ["a function takes one", 'function check(interval = "2s") {}'],
    ["it is missing", 'const time = props.interval ?? "2s";'],
    ["it is another one", 'const time = interval ?? "3s";'],
    ["it has a name", "const time = interval ?? SECONDS;"],
  ])("fails when one stands again where %s", (_why, code) => {
    expect(check(code)).toEqual([expect.stringMatching(/^'interval' has a default in its schema, and here .* too$/)]);
  });

  test.each<[why: string, says: string, schema: string, problem: string]>([
    ["another value", '"3s"', 'interval: withDefault(duration, "2s"),', 'says "3s", its schema "2s"'],
    ["a value where there is none", '"2s"', "interval: optional(duration),", 'says "2s", its schema nothing'],
    [
      "words for a value",
      "- two seconds",
      'interval: withDefault(duration, "2s"),',
      'says - two seconds, its schema "2s"',
    ],
  ])("fails when the documentation says %s", (_why, says, schema, problem) => {
    expect(check("", says, schema)).toEqual([`@default of BaseProps.interval ${problem}`]);
  });

  test.each<[why: string, says: string, schema: string]>([
    ["the schema names a constant", '"2s"', "interval: withDefault(duration, SECONDS),"],
    ["words say what an empty list means", "- nothing", "interval: withDefault(listOf(duration), []),"],
    ["words say how it is calculated", "- half of the timeout", "interval: optional(duration),"],
  ])("passes when %s", (_why, says, schema) => {
    expect(check("const time = other ?? 1; const a = interval ?? (tls ? 1 : 2);", says, schema)).toEqual([]);
  });
});
