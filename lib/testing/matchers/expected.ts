import { types } from "node:util";
import { TestingError } from "../errors.js";

/** What `expect.stringContaining()`, `expect.any()` and the like return, in vitest and in jest. */
export interface AsymmetricMatcher {
  asymmetricMatch(other: unknown): boolean;
}

/** A text that is expected: the whole text, a regular expression that finds something in it, or an asymmetric matcher. */
export type ExpectedText = string | RegExp | AsymmetricMatcher;

/** Tells whether a value is an asymmetric matcher. */
export function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return isRecord(value) && typeof value["asymmetricMatch"] === "function";
}

/** Refuses an argument that is no text, regular expression or asymmetric matcher. */
export function expectedText(value: unknown, matcher: string, what: string): ExpectedText {
  if (typeof value === "string" || types.isRegExp(value) || isAsymmetric(value)) return value;
  throw new TestingError(
    `${matcher}() must get the ${what} as a text, a regular expression or an asymmetric matcher, got ${kindOf(value)}`,
  );
}

/** Refuses a line that no file can hold, which would never be there. */
export function expectedLine(value: unknown, matcher: string): ExpectedText {
  const line = expectedText(value, matcher, "line");
  if (typeof line !== "string" || (line !== "" && line.trim() === line && !line.includes("\n"))) return line;
  throw new TestingError(
    `${matcher}() must get one line without spaces around it, got ${JSON.stringify(line)}; for a part of a line use a regular expression`,
  );
}

/**
 * Tells whether a value is as expected: objects may have more properties than are expected, lists have as many items,
 * texts may be expected by regular expressions, and anything by an asymmetric matcher.
 */
export function agrees(expected: unknown, found: unknown): boolean {
  if (isAsymmetric(expected)) return verdictOf(expected, found);
  // A copy begins at the start, whatever the flags "g" and "y" have left behind.
  if (types.isRegExp(expected)) return typeof found === "string" && new RegExp(expected).test(found);
  if (Array.isArray(expected)) {
    return (
      Array.isArray(found) && found.length === expected.length && expected.every((each, at) => agrees(each, found[at]))
    );
  }
  if (isRecord(expected)) {
    return isRecord(found) && Object.entries(expected).every(([key, value]) => agrees(value, fieldOf(found, key)));
  }
  return expected === found || Object.is(expected, found);
}

/** The places where a value is not as expected, one line each: `ports[0].internal: 53 instead of 853`. */
export function differences(expected: unknown, found: unknown, place = ""): string[] {
  if (agrees(expected, found)) return [];
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length) {
      return [`${place || "the list"}: ${found.length} items instead of ${expected.length}: ${shown(found)}`];
    }
    return expected.flatMap((each, at) => differences(each, found[at], `${place}[${at}]`));
  }
  if (isRecord(expected) && !isAsymmetric(expected) && isRecord(found)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, fieldOf(found, key), place === "" ? key : `${place}.${key}`),
    );
  }
  return [
    `${place === "" ? "" : `${place}: `}${found === undefined ? "nothing" : shown(found)} instead of ${shown(expected)}`,
  ];
}

/** Shows what is expected or found in a message, shortened. */
export function shown(value: unknown): string {
  return shortened(printed(value));
}

/** Shortens a text in its middle, so that a message stays readable. */
export function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 60)} ... ${text.slice(-55)}`;
}

/** A text in whose words a pattern looks like what it matches; a text itself. */
export function wordsOf(expected: unknown): string {
  if (typeof expected === "string") return expected;
  if (types.isRegExp(expected)) return expected.source.replace(/\\(.)|[\^$()?*+|[\]]/g, "$1");
  const sample = isRecord(expected) ? expected["sample"] : undefined;
  return typeof sample === "string" || types.isRegExp(sample) ? wordsOf(sample) : "";
}

/** Names the kind of a value that was given by mistake. */
export function kindOf(value: unknown): string {
  if (isThenable(value)) return "a promise: await it";
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (types.isRegExp(value)) return "a regular expression";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

/** Tells whether a value is a promise, of whatever library. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value["then"] === "function";
}

/** Tells an object from other values, lists and regular expressions. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !types.isRegExp(value);
}

const LONGEST = 200;

function fieldOf(found: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(found, key) ? found[key] : undefined;
}

function verdictOf(matcher: AsymmetricMatcher, found: unknown): boolean {
  const verdict: unknown = matcher.asymmetricMatch(found);
  if (!isThenable(verdict)) return verdict === true;
  throw new TestingError(`${printed(matcher)} is asynchronous, and no asymmetric matcher can be: await it before`);
}

function printed(value: unknown): string {
  if (types.isRegExp(value)) return String(value);
  if (isAsymmetric(value)) return printedMatcher(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([key, field]) => `${key}: ${printed(field)}`);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** As `StringContaining "leastconn"`: what vitest and jest agree on. */
function printedMatcher(matcher: AsymmetricMatcher): string {
  const { sample } = matcher as { readonly sample?: unknown };
  const name = String(matcher);
  const known = name === "[object Object]" ? "an asymmetric matcher" : name;
  if (typeof sample === "function") return `${known} ${sample.name}`;
  return sample === undefined ? known : `${known} ${printed(sample)}`;
}
