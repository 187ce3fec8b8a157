import { type Problem, UnscopedValidationError } from "../../core/errors.js";
import { type NftablesTable, refuseName, refuseWord } from "./model.js";

/**
 * Prints a file for `nft -f` that replaces the table, if there is one: nft loads a whole file at once or nothing of it, so
 * that there is no moment without the rules. Throws all problems at once.
 *
 * @see https://www.netfilter.org/projects/nftables/manpage.html
 */
export function printNftables(table: NftablesTable): string {
  const problems = problemsOf(table);
  if (problems.length > 0) throw new UnscopedValidationError(problems);
  const { name, chain, priority, rules } = table;
  return [
    // Only an existing table can be deleted.
    `table inet ${name}`,
    `delete table inet ${name}`,
    `table inet ${name} {`,
    `  chain ${chain} {`,
    `    type filter hook input priority ${priority}; policy accept;`,
    ...rules.map((rule) => `    ${rule.join(" ")}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

function problemsOf({ name, chain, priority, rules }: NftablesTable): Problem[] {
  const names = Object.entries({ name, chain }).map(([property, each]) => ({ property, refusal: refuseName(each) }));
  const words = rules.flatMap((rule, at) =>
    rule.map((word, place) => ({ property: `rules[${at}][${place}]`, refusal: refuseWord(word) })),
  );
  const refused = [...names, ...words].flatMap(({ property, refusal }) =>
    refusal === undefined ? [] : [{ ...refusal, property }],
  );
  if (Number.isInteger(priority)) return refused;
  return [...refused, { code: "DNSLB803", message: `must be an integer, got ${priority}`, property: "priority" }];
}
