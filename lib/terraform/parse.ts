import type { IConstruct } from "constructs";
import type { z } from "zod";
import type { InputCode } from "../core/codes/index.js";
import { type Problem, UnscopedValidationError } from "../core/errors.js";
import { closeNames } from "./close-names.js";
import { otherCdktf } from "./other-cdktf.js";
import { replacementOf } from "./other-words.js";
import { readOnce } from "./readable.js";
import { type Field, fillIn, propertyNames, show } from "./schema.js";
import { tokenPathsIn } from "./tokens.js";
import { ValidationError } from "./validation-error.js";

/** Reports a problem of a property, which is given by its path of keys. */
export type Report = (code: InputCode, path: readonly PropertyKey[], message: string) => void;

/** How to validate the input of a construct or a factory. */
export interface Input<Written, Kept = Written, Filled = Written> {
  /** The name of the construct or factory in messages: `ResolverPool`. */
  readonly name: string;
  readonly schema: Field<Written, Kept, Filled>;
  /**
   * Checks properties against each other, as written and with defaults. Runs if every value has the right type, even if
   * a value is wrong otherwise, so that all problems are reported at once.
   */
  readonly check?: (value: Filled, report: Report) => void;
  /** Why properties that users may expect do not exist. */
  readonly whyNot?: Readonly<Record<string, string>>;
  /** Top-level properties that accept cdktf tokens. */
  readonly tokens?: readonly (keyof Written & string)[];
}

/** Returns its argument, with types inferred from the schema. */
export function input<W, K, F>(parts: Input<W, K, F>): Input<W, K, F> {
  return parts;
}

/** Parses a construct's properties into the form that is kept, or throws all problems. */
export function parseProps<W, K, F>(scope: IConstruct, input: Input<W, K, F>, props: W): K {
  const foreignCdktf = otherCdktf(scope);
  if (foreignCdktf !== undefined) {
    throw new ValidationError([{ code: "DNSLB128", property: "", message: foreignCdktf }], scope);
  }
  const { kept, problems } = read(input, props);
  if (kept === undefined) throw new ValidationError(problems, scope);
  return kept.value;
}

/** Parses a factory's options into the form that is kept, or throws all problems. */
export function parseOptions<W, K, F>(input: Input<W, K, F>, options: W): K {
  const { kept, problems } = read(input, options);
  if (kept === undefined) throw new UnscopedValidationError(problems, input.name);
  return kept.value;
}

interface Outcome<K> {
  /** Absent if there are problems. */
  readonly kept?: { readonly value: K };
  readonly problems: readonly Problem[];
}

function read<W, K, F>(input: Input<W, K, F>, given: W): Outcome<K> {
  const { value, unreadable } = readOnce(given);
  if (unreadable.length > 0) {
    const problems = unreadable.map(
      ({ path, got }): Problem => ({
        code: "DNSLB103",
        property: pathText(path),
        message: `must be data that can be read, got ${got}`,
      }),
    );
    return { problems };
  }
  const tokens = tokenPathsIn(value).filter(([first]) => !input.tokens?.some((name) => name === first));
  const problems: Problem[] = tokens.map((path) => ({
    code: "DNSLB110",
    property: pathText(path),
    message:
      "must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself",
  }));
  const add: Report = (code, path, message) => {
    const property = pathText(path);
    if (tokens.some((token) => token.every((key, index) => key === path[index]))) return;
    problems.push({ code, property, message });
  };
  const result = input.schema.safeParse(value);
  const issues = (result.error?.issues ?? []).flatMap(issuesOfProperties);
  for (const issue of issues) report(issue, input, value, add);
  if (tokens.length === 0 && !issues.some(breaksShape)) {
    try {
      input.check?.(fillIn(input.schema, value) as F, add);
    } catch (error) {
      // What is wrong is told already: a value of another factory, say, is not filled with defaults that checks rely on.
      if (problems.length === 0) throw error;
    }
  }
  return problems.length === 0 && result.success ? { kept: { value: result.data }, problems } : { problems };
}

/** The issues of a value that may be a construct or an object; one that is neither is checked as the object. */
function issuesOfProperties(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const relevant = issue.errors.find((inner) => inner.some(isRefused)) ?? issue.errors.at(-1) ?? [];
  return relevant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isRefused(issue: z.core.$ZodIssue): boolean {
  return issue.code === "custom" && issue.params?.["refused"] === true;
}

/** The part of an input that messages use. */
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
  const reason = Object.hasOwn(input.whyNot ?? {}, key) ? input.whyNot?.[key] : undefined;
  const replacement = path.length === 0 ? replacementOf(key, input.name) : undefined;
  if (reason !== undefined || replacement !== undefined) return reason ?? replacement ?? "";
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

/** The path as users write it: `servers[1].port`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}
