import type { IConstruct } from "constructs";
import type { z } from "zod";
import type { InputCode } from "../core/codes/index.js";
import { type Problem, UnscopedValidationError } from "../core/errors.js";
import { closeNames } from "./close-names.js";
import { type Field, show } from "./schema.js";
import { tokenPathsIn } from "./tokens.js";
import { ValidationError } from "./validation-error.js";

/** Takes a problem at a property, given as the keys that lead to it. */
export type Report = (code: InputCode, path: readonly PropertyKey[], message: string) => void;

/** How to read what a construct or a factory is given. */
export interface Input<T> {
  /** What the user calls, for messages: `ResolverPool`. */
  readonly name: string;
  readonly schema: Field<T>;
  /**
   * Looks at the properties together. Runs when every value has the right type, although it may be wrong otherwise, so
   * that all problems are reported at once.
   */
  readonly check?: (value: T, report: Report) => void;
  /** Reasons for the lack of properties that users may look for. */
  readonly whyNot?: Readonly<Record<string, string>>;
  /** Top-level properties in which cdktf tokens are fine. */
  readonly tokens?: readonly (keyof T & string)[];
}

/** Gives a construct its properties, or throws all that is wrong with them. */
export function parseProps<T>(scope: IConstruct, input: Input<T>, props: T): T {
  const problems = problemsOf(input, props);
  if (problems.length > 0) throw new ValidationError(problems, scope);
  return props;
}

/** Gives a factory its options, or throws all that is wrong with them. */
export function parseOptions<T>(input: Input<T>, options: T): T {
  const problems = problemsOf(input, options);
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  return options;
}

function problemsOf<T>(input: Input<T>, value: T): readonly Problem[] {
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
  const issues = (input.schema.safeParse(value).error?.issues ?? []).flatMap(issuesOfProperties);
  for (const issue of issues) report(issue, input, value, add);
  if (tokens.length === 0 && !issues.some(breaksShape)) input.check?.(value, add);
  return problems;
}

/** What is neither a construct nor the properties in its place is judged as the latter. */
function issuesOfProperties(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  return (issue.errors.at(-1) ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function report<T>(issue: z.core.$ZodIssue, input: Input<T>, value: T, add: Report): void {
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      add("DNSLB101", [...issue.path, key], `is no property of ${input.name}, ${alternative(issue.path, key, input)}`);
    }
  } else if (issue.code === "invalid_type") {
    const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value);
    const kind = issue.expected === "array" ? "a list" : "an object of properties";
    if (issue.path.length === 0) add("DNSLB102", [], `${input.name} takes ${kind}, got ${show(given)}`);
    else if (given === undefined) add("DNSLB102", issue.path, `is required: ${kind}`);
    else add("DNSLB103", issue.path, `must be ${kind}, got ${show(given)}`);
  } else {
    add(issue.code === "custom" ? codeOf(issue) : "DNSLB103", issue.path, issue.message);
  }
}

function alternative<T>(path: readonly PropertyKey[], key: string, input: Input<T>): string {
  const reason = input.whyNot?.[key];
  if (reason !== undefined) return reason;
  const names = propertyNames(input.schema, path);
  const close = closeNames(key, names);
  const quoted = (close.length > 0 ? close : names).map((name) => `'${name}'`);
  return close.length > 0 ? `did you mean ${quoted.join(" or ")}?` : `it takes ${quoted.join(", ")}`;
}

/** The properties that the schema knows at a path. */
function propertyNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const def = schema._zod.def as {
    readonly innerType?: z.core.$ZodType;
    readonly element?: z.core.$ZodType;
    readonly options?: readonly z.core.$ZodType[];
    readonly shape?: Readonly<Record<PropertyKey, z.core.$ZodType>>;
  };
  const inner = def.innerType ?? def.options?.at(-1);
  if (inner) return propertyNames(inner, path);
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(def.shape ?? {});
  const next = def.element ?? def.shape?.[first];
  return next ? propertyNames(next, rest) : [];
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
