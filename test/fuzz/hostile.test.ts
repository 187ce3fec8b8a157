import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UnscopedValidationError } from "../../lib/core/errors.js";
import { Secret } from "../../lib/dns/secret.js";
import { problemsOf } from "../../lib/testing/load-balancers-of.js";
import { type NodeUnderTest, nodesOf } from "../../lib/testing/nodes-of.js";
import { inputsOf, titleOf } from "../api/inputs.js";
import { ApiReport } from "../api/report.js";
import { scratch } from "../constructs.js";
import { Builder, build, type Surroundings } from "./build.js";
import { HOSTILE } from "./draw/odd.js";
import { EVERYTHING } from "./everything.js";
import { writeFiles } from "./files.js";
import { type Place, placesIn, replaced } from "./places.js";
import { type FileName, formOf, type Plan, type Step, type Value } from "./plan.js";
import { brokenOut, readBack } from "./read-back.js";

const folder = join(scratch, "hostile");
mkdirSync(folder, { recursive: true });
const surroundings: Surroundings = { outdir: join(folder, "out"), fileOf: writeFiles(folder) };

const report = ApiReport.read();
const texts = inputsOf(report).filter(({ text }) => text !== "none");
const titles = new Set(texts.map(titleOf));

/** The places of texts in the apps; the first of each property, and one more if that is an item of a list. */
const places = Object.entries(EVERYTHING).flatMap(([name, plan]) =>
  placesIn(plan)
    .filter((place) => titles.has(titleOf(place)) && isText(place.value))
    .map((place) => ({ name, plan, place })),
);

test("every property of the API report that takes a text stands in an app of these tests", () => {
  const covered = new Set(places.map(({ place }) => titleOf(place)));
  expect(texts.map(titleOf).filter((title) => !covered.has(title) && title !== TOKEN_ALONE)).toEqual([]);
});

/** What takes a cdktf token and refuses every text. */
const TOKEN_ALONE = "Secret.fromEphemeral()";

test("what takes a token alone refuses every text", () => {
  for (const text of HOSTILE) {
    expect(() => Secret.fromEphemeral(text, { version: "1" })).toThrow(UnscopedValidationError);
  }
});

/** A text, or a path that is known only here. */
function isText(value: Value): boolean {
  return typeof value === "string" || formOf(value) === "$file";
}

function textOf(value: Value): string {
  if (typeof value !== "object" || value === null || !("$file" in value)) return String(value);
  return surroundings.fileOf(value["$file"] as FileName);
}

/*
 * `npm run fuzz -- --hostile` gives every text to every property; `npm test` every text to some and each property some.
 */
const FULL = process.env["DNS_LB_HOSTILE"] === "full";
const SHARE = FULL ? 1 : 24;
const textsFor = (number: number) => HOSTILE.filter((_, index) => index % SHARE === number % SHARE);

/** The properties of each call: every title once. */
const unique = [...new Map(places.map((each) => [titleOf(each.place), each])).values()];
const calls = new Map(unique.map(({ place: { call } }) => [call, unique.filter(({ place }) => place.call === call)]));

describe.each([...calls.keys()])("a hostile text in %s", (call) => {
  test.each((calls.get(call) ?? []).map((each) => [each.place.path || "the value", each] as const))(
    "%s is refused by name, or stays in its place",
    { timeout: 120_000 },
    (_, { name, plan, place }) => {
      const base = compiled(name, plan);
      const number = unique.findIndex((each) => each.place === place);
      for (const text of textsFor(number)) judgeText(base, plan, place, text);
    },
  );
});

const known = new Map<string, readonly NodeUnderTest[]>();

function compiled(name: string, plan: Plan): readonly NodeUnderTest[] {
  const nodes = known.get(name) ?? nodesOf(build(plan, surroundings));
  known.set(name, nodes);
  return nodes;
}

/** The constructs before a step, made once for all texts that are refused there. */
let before: { readonly plan: Plan; readonly step: number; readonly builder: Builder } | undefined;

function builderBefore(plan: Plan, step: number): Builder {
  if (before?.plan === plan && before.step === step) return before.builder;
  const builder = new Builder(surroundings);
  for (const each of plan.steps.slice(0, step)) builder.make(each);
  before = { plan, step, builder };
  return builder;
}

/** Fails unless a text in a place is refused there, or read back where the text of the app was. */
function judgeText(base: readonly NodeUnderTest[], plan: Plan, place: Place, text: string): void {
  const about = `${titleOf(place)}: ${JSON.stringify(text.slice(0, 80))}`;
  const { steps } = replaced(plan, place, text);
  const made = builderBefore(plan, place.step);
  let at = place.step;
  try {
    for (; at < steps.length; at += 1) made.make(steps[at] as Step);
  } catch (error) {
    expectRefusal(error, place, text, about);
    // What was refused leaves nothing behind but its id, so the steps before it serve once more.
    if (at === place.step) made.forget(steps[at] as Step);
    else before = undefined;
    return;
  }
  before = undefined;
  const problems = problemsOf(made.app);
  if (problems.length > 0) {
    for (const line of problems) expect(line, about).toMatch(/^\[[^\n]+?\] .*\[DNSLB\d{3}\]/s);
    return;
  }
  const nodes = nodesOf(made.app);
  expect(nodes.length, about).toBe(base.length);
  for (const [index, node] of nodes.entries()) {
    const own = base[index];
    if (own === undefined) continue;
    expect(brokenOut(readBack(own), readBack(node), textOf(place.value), text), about).toBeUndefined();
  }
}

/** Ours: a class, a code, who was called, and the property or the text itself. */
function expectRefusal(error: unknown, { call, path, keys }: Place, text: string, about: string): void {
  expect(error, about).toBeInstanceOf(UnscopedValidationError);
  const { problems, message } = error as UnscopedValidationError;
  expect(problems.length, about).toBeGreaterThan(0);
  for (const { code } of problems) expect(code, about).toMatch(/^DNSLB\d{3}$/);
  // A construct by its path, a factory by its name, or by the construct that its value does not fit.
  expect(message, about).toMatch(call.includes(".") ? /^\[([\w.]+\(\)|dns\/[^\]]+)\] / : /^\[dns\/[^\]]+\] /);
  const property = path === "" ? parameterOf(call) : writtenPath(keys);
  const isNamed = problems.some((each) => property.startsWith(each.property) || each.property.startsWith(property));
  expect(isNamed || message.toLowerCase().includes(text.toLowerCase()), `${about}: ${message}`).toBe(true);
}

/** The name of the value that a call takes. */
function parameterOf(call: string): string {
  return report.calls.find(({ name }) => name === call)?.parameter ?? "";
}

/** The property as users write it, from the options of its call. */
function writtenPath(keys: readonly (string | number)[]): string {
  const own = keys.slice(keys.lastIndexOf("with") + 1);
  return own.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");
}
