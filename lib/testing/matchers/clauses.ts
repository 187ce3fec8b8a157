import type { Clause, ClauseDialect } from "../../config/clause-file/model.js";
import { printClauses } from "../../config/clause-file/print.js";
import { NSD_DIALECT } from "../../config/nsd/model.js";
import { UNBOUND_DIALECT } from "../../config/unbound/model.js";
import type { NodeUnderTest } from "../nodes-of.js";
import { hasLine, hasPlace, type Section } from "./lines.js";
import type { PlaceWords } from "./place.js";
import type { MatcherResult } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether unbound.conf has a clause. */
export function toHaveUnboundClause(received: unknown, clause: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveUnboundClause");
  return hasPlace(unboundClauses(node), clause, words("toHaveUnboundClause", node, UNBOUND_DIALECT));
}

/** Judges whether a clause of unbound.conf has a line. */
export function toHaveUnboundLine(received: unknown, clause: unknown, line: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveUnboundLine");
  return hasLine(unboundClauses(node), clause, line, words("toHaveUnboundLine", node, UNBOUND_DIALECT));
}

/** Judges whether nsd.conf has a clause. */
export function toHaveNsdClause(received: unknown, clause: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveNsdClause");
  return hasPlace(nsdClauses(node), clause, words("toHaveNsdClause", node, NSD_DIALECT));
}

/** Judges whether a clause of nsd.conf has a line. */
export function toHaveNsdLine(received: unknown, clause: unknown, line: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveNsdLine");
  return hasLine(nsdClauses(node), clause, line, words("toHaveNsdLine", node, NSD_DIALECT));
}

function unboundClauses({ unbound }: NodeUnderTest) {
  return unbound.clauses.map((clause) => placeOf(clause, UNBOUND_DIALECT));
}

function nsdClauses({ nsd }: NodeUnderTest) {
  return nsd.clauses.map((clause) => placeOf(clause, NSD_DIALECT));
}

/** A clause has the name that its attribute `name` gives it: `zone example.com.` */
function placeOf<Kind extends string>(clause: Clause<Kind>, dialect: ClauseDialect<Kind>): Section {
  const name = clause.attributes.find(([attribute]) => attribute === "name")?.[1];
  const [, ...lines] = printClauses([clause], dialect).trimEnd().split("\n");
  return {
    title: name === undefined ? clause.kind : `${clause.kind} ${name}`,
    value: lines.map((line) => line.trim()),
    words: Object.keys(dialect.clauses[clause.kind]).map((attribute) => `${attribute}:`),
  };
}

function words(matcher: string, { name }: NodeUnderTest, { file }: { readonly file: string }): PlaceWords {
  return { matcher, noun: "clause", holder: `${file} of node "${name}"` };
}
