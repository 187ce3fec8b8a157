import type { AccessRule } from "../../model/access-rule.js";

/*
 * dnsdist tries one rule after the other, but finds a network, or a name, among thousands at once. Access rules that follow
 * each other and do the same are therefore one rule of dnsdist where they differ in one condition alone.
 */

/** Access rules of a frontend that follow each other, as the one rule that means the same. */
export interface AccessGroup {
  readonly rule: AccessRule;
  /** Which they are: `access rule 3` or `access rules 3 to 500`. */
  readonly title: string;
}

const CONDITIONS = ["from", "names", "types", "classes", "opcodes"] as const;
type Condition = (typeof CONDITIONS)[number];

/** The access rules of a frontend in their order, those that can be one rule together. */
export function groupsOf(accessRules: readonly AccessRule[]): readonly AccessGroup[] {
  const groups: Group[] = [];
  for (const accessRule of accessRules) {
    const last = groups.at(-1);
    if (last === undefined || !last.take(accessRule)) groups.push(new Group(accessRule));
  }
  let before = 0;
  return groups.map(({ rule, size }) => {
    const [first, last] = [before + 1, before + size];
    before = last;
    return { rule, title: size === 1 ? `access rule ${first}` : `access rules ${first} to ${last}` };
  });
}

class Group {
  readonly #first: AccessRule;
  readonly #values: (string | number)[] = [];
  #varied: Condition | undefined;
  size = 1;

  constructor(first: AccessRule) {
    this.#first = first;
  }

  /** Takes a rule that does what the first does, and differs from it in no condition, or in that of the others alone. */
  take(next: AccessRule): boolean {
    if (effectOf(next) !== effectOf(this.#first)) return false;
    const [differs, ...others] = CONDITIONS.filter((each) => !isEqual(next[each], this.#first[each]));
    if (differs !== undefined) {
      if (others.length > 0 || (this.#varied ?? differs) !== differs) return false;
      const values = next[differs] ?? [];
      // None is all.
      if (values.length === 0 || (this.#first[differs] ?? []).length === 0) return false;
      this.#varied = differs;
      this.#values.push(...values);
    }
    this.size += 1;
    return true;
  }

  get rule(): AccessRule {
    if (this.#varied === undefined) return this.#first;
    return { ...this.#first, [this.#varied]: [...new Set([...(this.#first[this.#varied] ?? []), ...this.#values])] };
  }
}

function effectOf({ action, extendedError, ttl }: AccessRule): string {
  return JSON.stringify([action, extendedError?.code, extendedError?.text, ttl]);
}

function isEqual(one: readonly (string | number)[] = [], other: readonly (string | number)[] = []): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
