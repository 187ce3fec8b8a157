import { expect } from "vitest";
import type { dnsLbMatchers } from "../../../lib/testing/matchers.js";

/** The arguments of a matcher. */
export type Use = readonly unknown[];

/** Uses of a matcher: those that hold, those that do not, and those that are mistakes, negated or not. */
export interface Uses {
  readonly holds: readonly Use[];
  readonly fails: readonly Use[];
  readonly refused: readonly Use[];
}

type Run = (...args: readonly unknown[]) => unknown;

/** How a use ends: `"passes"`, `"fails"` by its verdict, or `"refused"`. */
export function outcome(subject: unknown, matcher: keyof typeof dnsLbMatchers, use: Use, negated: boolean): string {
  const assertion = expect(subject);
  const matchers = (negated ? assertion.not : assertion) as unknown as Record<string, Run>;
  try {
    matchers[matcher]?.(...use);
    return "passes";
  } catch (error) {
    return (error as Error).name === "Error" ? "fails" : "refused";
  }
}

/** How all uses end, as `[use, as it is, negated]`. */
export function outcomes(subject: unknown, matcher: keyof typeof dnsLbMatchers, uses: readonly Use[]) {
  return uses.map((use) => [use, outcome(subject, matcher, use, false), outcome(subject, matcher, use, true)]);
}

/** The same, as it is expected. */
export function all(uses: readonly Use[], plain: string, negated: string) {
  return uses.map((use) => [use, plain, negated]);
}

/** The message of a matcher that fails, without the lengths of lists, which grow. */
export function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { name, message: text } = error as Error;
    return `${name}: ${text.replace(/nearest of \d+/, "nearest of N")}`;
  }
  return "nothing failed";
}
