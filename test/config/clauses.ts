import fc from "fast-check";
import { expect } from "vitest";
import type { Attribute, Clause, ClauseDialect } from "../../lib/config/clause-file/model.js";
import { nastyWord } from "./nasty.js";

/** Checks that any clauses of a dialect come back from their printed text, whatever the values hold. */
export function readsBack<Kind extends string>(
  dialect: ClauseDialect<Kind>,
  writable: (value: string) => boolean,
  throughText: (clauses: Clause<Kind>[]) => unknown,
): void {
  const value = fc.oneof(
    { weight: 9, arbitrary: nastyWord.filter(writable) },
    { weight: 1, arbitrary: fc.constant("") },
  );
  const clause = (kind: Kind): fc.Arbitrary<Clause<Kind>> => {
    const attribute = fc.oneof(
      ...Object.entries(dialect.clauses[kind]).map(([name, { values, optional }]) =>
        fc
          .array(value, { minLength: values.length - optional, maxLength: values.length })
          .map((given): Attribute => [name, ...given]),
      ),
    );
    return fc.record({ kind: fc.constant(kind), attributes: fc.array(attribute, { maxLength: 4 }) });
  };
  const kinds = Object.keys(dialect.clauses) as Kind[];
  fc.assert(
    fc.property(fc.array(fc.oneof(...kinds.map(clause)), { maxLength: 4 }), (clauses) => {
      expect(throughText(clauses)).toEqual(clauses);
    }),
    { numRuns: 500 },
  );
}
