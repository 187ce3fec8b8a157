import { refuseKeyword } from "../words.js";
import { type BirdExpression, type PlacedRefusal, refuseExpression } from "./expression.js";

/** A statement of a filter. A route whose filter ends without a verdict is rejected. */
export type BirdFilterStatement = BirdVerdict | BirdCondition | BirdAssignment | BirdCall;

/** Ends the filter. */
export type BirdVerdict = "accept" | "reject";

/** Statements under a condition. */
export interface BirdCondition {
  readonly if: BirdExpression;
  readonly do: readonly BirdFilterStatement[];
  /** Absent if nothing is done otherwise. */
  readonly else?: readonly BirdFilterStatement[];
}

/** Attributes of a route that a filter may set. */
export const BIRD_SETTABLE = [
  "bgp_local_pref",
  "bgp_med",
  "bgp_next_hop",
  "gw",
  "krt_metric",
  "krt_prefsrc",
  "preference",
] as const;

/** Sets an attribute of the route: `{ set: "bgp_local_pref", to: { number: 0 } }`. */
export interface BirdAssignment {
  readonly set: (typeof BIRD_SETTABLE)[number];
  readonly to: BirdExpression;
}

/** What a filter may do to the path and to the communities of a route. */
export const BIRD_CALLS = [
  "bgp_community.add",
  "bgp_community.delete",
  "bgp_large_community.add",
  "bgp_large_community.delete",
  "bgp_path.prepend",
] as const;

/** Changes a list of the route: `{ call: "bgp_path.prepend", with: { number: 64512 } }`. */
export interface BirdCall {
  readonly call: (typeof BIRD_CALLS)[number];
  readonly with: BirdExpression;
}

/** A filter by its name. */
export interface BirdFilter {
  readonly filter: string;
  readonly statements: readonly BirdFilterStatement[];
}

/** So deep may conditions of filters be nested. */
const MOST_DEPTH = 20;

/** The problems of the statements of a filter. */
export function refuseStatements(
  statements: readonly BirdFilterStatement[],
  place = ".statements",
  depth = 0,
): PlacedRefusal[] {
  const message =
    statements.length === 0
      ? "must hold a statement"
      : depth > MOST_DEPTH
        ? `must be nested at most ${MOST_DEPTH} deep`
        : undefined;
  if (message !== undefined) return [{ code: "DNSLB806", message, place }];
  return statements.flatMap((statement, index) => refuseStatement(statement, `${place}[${index}]`, depth));
}

function refuseStatement(statement: BirdFilterStatement, place: string, depth: number): PlacedRefusal[] {
  const expression = (part: string, value: BirdExpression) =>
    refuseExpression(value).map((refusal) => ({ ...refusal, place: `${place}.${part}${refusal.place}` }));
  const keyword = (part: string, word: string, where: string, known: readonly string[]) => {
    const refusal = refuseKeyword(word, where, known);
    return refusal ? [{ ...refusal, place: `${place}${part}` }] : [];
  };
  if (typeof statement === "string") return keyword("", statement, "a filter", ["accept", "reject"]);
  if ("set" in statement) {
    const { set, to } = statement;
    return [...keyword(".set", set, "what a filter may set", BIRD_SETTABLE), ...expression("to", to)];
  }
  if ("call" in statement) {
    return [
      ...keyword(".call", statement.call, "what a filter may call", BIRD_CALLS),
      ...expression("with", statement.with),
    ];
  }
  return [
    ...expression("if", statement.if),
    ...refuseStatements(statement.do, `${place}.do`, depth + 1),
    ...(statement.else === undefined ? [] : refuseStatements(statement.else, `${place}.else`, depth + 1)),
  ];
}
