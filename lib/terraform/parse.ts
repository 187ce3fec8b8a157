import type { IConstruct } from "constructs";
import type { z } from "zod";
import type { InputCode } from "../core/codes/index.js";
import { type Problem, UnscopedValidationError } from "../core/errors.js";
import { closeNames } from "./close-names.js";
import { otherCdktf } from "./other-cdktf.js";
import { type Field, fillIn, propertyNames, show } from "./schema.js";
import { tokenPathsIn } from "./tokens.js";
import { ValidationError } from "./validation-error.js";

/** Takes a problem at a property, given as the keys that lead to it. */
export type Report = (code: InputCode, path: readonly PropertyKey[], message: string) => void;

/** How to read what a construct or a factory is given. */
export interface Input<Written, Kept = Written, Filled = Written> {
  /** What the user calls, for messages: `ResolverPool`. */
  readonly name: string;
  readonly schema: Field<Written, Kept, Filled>;
  /**
   * Looks at the properties together: as they are written, defaults filled in. Runs when every value has the right type,
   * although it may be wrong otherwise, so that all problems are reported at once.
   */
  readonly check?: (value: Filled, report: Report) => void;
  /** Reasons for the lack of properties that users may look for. */
  readonly whyNot?: Readonly<Record<string, string>>;
  /** Top-level properties in which cdktf tokens are fine. */
  readonly tokens?: readonly (keyof Written & string)[];
}

/** Puts an input together; its types are those of its schema. */
export function input<W, K, F>(parts: Input<W, K, F>): Input<W, K, F> {
  return parts;
}

/** Makes of a construct's properties what is kept of them, or throws all that is wrong. */
export function parseProps<W, K, F>(scope: IConstruct, input: Input<W, K, F>, props: W): K {
  const stranger = otherCdktf(scope);
  if (stranger !== undefined) {
    throw new ValidationError([{ code: "DNSLB128", property: "", message: stranger }], scope);
  }
  const { kept, problems } = read(input, props);
  if (kept === undefined) throw new ValidationError(problems, scope);
  return kept.value;
}

/** Makes of a factory's options what is kept of them, or throws all that is wrong. */
export function parseOptions<W, K, F>(input: Input<W, K, F>, options: W): K {
  const { kept, problems } = read(input, options);
  if (kept === undefined) throw new UnscopedValidationError(problems);
  return kept.value;
}

interface Outcome<K> {
  /** Absent if there are problems. */
  readonly kept?: { readonly value: K };
  readonly problems: readonly Problem[];
}

function read<W, K, F>(input: Input<W, K, F>, value: W): Outcome<K> {
  const tokens = tokenPathsIn(value).filter(([first]) => !input.tokens?.some((name) => name === first));
  const problems: Problem[] = tokens.map((path) => ({
    code: "DNSLB110",
    property: pathText(path),
    message:
      "must be a value known at synthesis, got a cdktf token; it becomes bytes of a configuration file, so write the value itself",
  }));
  const add: Report = (code, path, message) => {
    const property = pathText(path);
    if (tokens.some((token) => token.every((key, index) => key === path[index]))) return;
    problems.push({ code, property, message });
  };
  const result = input.schema.safeParse(value);
  const issues = (result.error?.issues ?? []).flatMap(issuesOfProperties);
  for (const issue of issues) report(issue, input, value, add);
  if (tokens.length === 0 && !issues.some(breaksShape)) input.check?.(fillIn(input.schema, value) as F, add);
  return problems.length === 0 && result.success ? { kept: { value: result.data }, problems } : { problems };
}

/** What is neither a construct nor the properties in its place is judged as the latter. */
function issuesOfProperties(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const judged = issue.errors.find((inner) => inner.some(isRefused)) ?? issue.errors.at(-1) ?? [];
  return judged.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isRefused(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" && issue.params?.["refused"] === true;
}

/** What a message needs of an input. */
type Named = Pick<Input<never>, "name" | "whyNot"> & { readonly schema: z.core.$ZodType };

function report(issue: z.core.$ZodIssue, input: Named, value: unknown, add: Report): void {
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      add("DNSLB101", [...issue.path, key], `is no property of ${input.name}, ${alternative(issue.path, key, input)}`);
    }
  } else if (issue.code === "invalid_type") {
    const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value);
    const kind = issue.expected === "array" ? "a list" : "an object of properties";
    const got = given === undefined ? "nothing" : show(given);
    if (issue.path.length === 0) add("DNSLB102", [], `${input.name} takes ${kind}, got ${got}`);
    else if (given === undefined) add("DNSLB102", issue.path, `is required: ${kind}`);
    else add("DNSLB103", issue.path, `must be ${kind}, got ${got}`);
  } else {
    add(issue.code === "custom" ? codeOf(issue) : "DNSLB103", issue.path, issue.message);
  }
}

function alternative(path: readonly PropertyKey[], key: string, input: Named): string {
  const reason = input.whyNot?.[key];
  if (reason !== undefined) return reason;
  const names = propertyNames(input.schema, path);
  const close = closeNames(key, names);
  const quoted = (close.length > 0 ? close : names).map((name) => `'${name}'`);
  return close.length > 0 ? `did you mean ${quoted.join(" or ")}?` : `it takes ${quoted.join(", ")}`;
}

function codeOf(issue: z.core.$ZodIssueCustom): InputCode {
  return (issue.params?.["code"] as InputCode | undefined) ?? "DNSLB103";
}

function breaksShape(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" ? issue.params?.["shape"] === true : issue.code !== "unrecognized_keys";
}

/** `servers[1].port`, as the user wrote it. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}
