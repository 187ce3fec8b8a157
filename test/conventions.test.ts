import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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
