import { Construct, type IConstruct } from "constructs";
import { CODES } from "../../core/codes/index.js";
import { UnscopedValidationError } from "../../core/errors.js";
import { TestingError } from "../errors.js";
import { problemsOf, warningsOf } from "../load-balancers-of.js";
import { agrees, expectedText, kindOf, shown } from "./expected.js";
import { byNearness, listed, nearestOf } from "./nearest.js";
import { type MatcherResult, verdict } from "./runner.js";
import { isAppOrStack, refusal } from "./subject.js";

/**
 * Judges whether an app or a stack breaks a rule, by its code, and, where it is given, with which text: the line that
 * synthesis would print.
 */
export function toBreakRule(received: unknown, code: unknown, ...text: unknown[]): MatcherResult {
  const wanted = knownCode(code);
  const problems = linesOf(received, "toBreakRule").flatMap(({ line }) => line);
  const ofCode = problems.filter((line) => codeOf(line) === wanted);
  if (text.length === 0) {
    return ofCode.length > 0
      ? verdict(true, `${wanted} is broken:${listed(ofCode)}`)
      : verdict(false, `${wanted} (${CODES[wanted].title}) is not broken${others(problems)}`);
  }
  const expected = expectedText(text[0], "toBreakRule", "text");
  if (ofCode.length === 0) {
    throw new TestingError(
      `${wanted} (${CODES[wanted].title}) is not broken at all, with whatever text${others(problems)}`,
    );
  }
  const found = ofCode.find((line) => agrees(expected, line));
  if (found !== undefined)
    return verdict(true, `${wanted} is broken with the text ${shown(expected)}:${listed([found])}`);
  const lines = byNearness(expected, ofCode, (line) => line).slice(0, FEW);
  return verdict(false, `${wanted} is broken, but not with the text ${shown(expected)}:${listed(lines)}`);
}

/** Judges whether an app or a stack breaks no rule. */
export function toPassRules(received: unknown): MatcherResult {
  const problems = linesOf(received, "toPassRules").flatMap(({ line, isWarning }) => (isWarning ? [] : line));
  return problems.length === 0
    ? verdict(true, "no rule is broken")
    : verdict(false, `rules are broken:${listed(problems)}`);
}

const FEW = 3;

type Code = keyof typeof CODES;

function knownCode(code: unknown): Code {
  if (typeof code !== "string")
    throw new TestingError(`toBreakRule() must get a code such as "DNSLB014", got ${kindOf(code)}`);
  if (Object.hasOwn(CODES, code)) return code as Code;
  throw new TestingError(`there is no code ${shown(code)}${nearestOf(code, Object.keys(CODES))}`);
}

interface ProblemLine {
  readonly line: string;
  readonly isWarning: boolean;
}

/** The problems of an app or a stack, or of what a function constructs. */
function linesOf(received: unknown, matcher: string): ProblemLine[] {
  if (isAppOrStack(received)) return linesOfScope(received);
  if (typeof received === "function") return linesOfCall(received as () => unknown, matcher);
  throw refusal(received, matcher, "an app, a stack or a function that makes constructs");
}

function linesOfCall(make: () => unknown, matcher: string): ProblemLine[] {
  let made: unknown;
  try {
    made = make();
  } catch (error) {
    if (error instanceof UnscopedValidationError) return error.message.split("\n").map(asError);
    throw error;
  }
  if (made === undefined) return [];
  if (!Construct.isConstruct(made)) throw refusal(made, matcher, "a function that makes constructs");
  const scope: IConstruct = made;
  return linesOfScope(isAppOrStack(scope) ? scope : scope.node.root);
}

function linesOfScope(scope: IConstruct): ProblemLine[] {
  const errors = problemsOf(scope).flatMap((text) => text.split("\n"));
  const warnings = warningsOf(scope).map((line) => ({ line: withoutPlace(line), isWarning: true }));
  return [...errors.map(asError), ...warnings];
}

function asError(line: string): ProblemLine {
  return { line: withoutPlace(line), isWarning: false };
}

function codeOf(line: string): string | undefined {
  return /\[(DNSLB\d{3})\]$/.exec(line)?.[1];
}

/** Where a construct was made differs from machine to machine. */
function withoutPlace(line: string): string {
  return line.replace(/ \(made at [^)]*\)$/, "");
}

function others(problems: readonly string[]): string {
  return problems.length === 0 ? "; no rule is" : `; what is:${listed(problems.slice(0, FEW))}`;
}
