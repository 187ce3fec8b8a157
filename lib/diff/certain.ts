import type { AccessRule } from "../model/access-rule.js";
import { accessRuleText } from "../review/words.js";
import { codes } from "./markdown.js";
import type { NetworkSet } from "./network-set.js";
import { LISTS, type List, valuesOf, valueText } from "./rule-traits.js";
import { leavesSome, meets, type Selection, selectionOf } from "./selection.js";

/*
 * What is certain about the queries of access rules. Of a frontend's rules the first that matches decides, so that what one
 * of them does depends on the others.
 */

/** Queries of a rule of which something is certain. */
export interface Certain {
  /** The values of a condition for which it is; absent if it is for the whole rule. */
  readonly part?: { readonly list: List; readonly values: readonly string[] };
  /** What it does not hold for, in words; empty if it holds for all of them. */
  readonly butFor: string;
}

/** A rule, or values of one of its conditions. */
interface Asked {
  readonly rule: AccessRule;
  readonly list?: List;
  readonly values?: readonly string[];
}

/** More rules times rules and their values are not compared, and nothing is certain. */
const MOST_COMPARED = 1_000_000;

/** A rule, and which queries it may judge. */
interface Judge {
  readonly rule: AccessRule;
  readonly selection: Selection;
}

/** The access rules of a frontend before and after a change. */
export class Certainties {
  readonly #before: readonly Judge[];
  readonly #after: readonly Judge[];
  readonly #clients: NetworkSet;
  #compared = 0;

  /** @param clients - those about whom something is said */
  constructor(before: readonly AccessRule[], after: readonly AccessRule[], clients: NetworkSet) {
    const judges = (rules: readonly AccessRule[]) =>
      rules.map((rule): Judge => ({ rule, selection: selectionOf(rule, clients) }));
    this.#before = judges(before);
    this.#after = judges(after);
    this.#clients = clients;
  }

  /** Queries of a rule after the change that rules refuse or drop, and did not before. */
  refused(asked: Asked): Certain | undefined {
    const place = this.#after.findIndex(({ rule }) => rule === asked.rule);
    return this.#certain(
      asked,
      this.#before.filter(isRefusal),
      this.#after.slice(0, place).filter((each) => !isRefusal(each)),
    );
  }

  /** Queries of a rule before the change that rules refused or dropped, and that none judges now. */
  free(asked: Asked): Certain | undefined {
    const place = this.#before.findIndex(({ rule }) => rule === asked.rule);
    return this.#certain(
      asked,
      this.#before.slice(0, place).filter((each) => !isRefusal(each)),
      this.#after,
    );
  }

  /** Whether rules that do something else, and come in the other order, may judge the same queries. */
  mayDecide(one: AccessRule, other: AccessRule): boolean {
    const [first, second] = [one, other].map((rule) => selectionOf(rule, this.#clients));
    return this.#isTooMuch(1) || first === undefined || second === undefined || meets(first, second);
  }

  #certain(asked: Asked, before: readonly Judge[], after: readonly Judge[]): Certain | undefined {
    const { rule, list, values = [] } = asked;
    if (!isRefusal({ rule })) return undefined;
    if (list !== undefined) return this.#part(rule, list, values, [before, after]);
    const selection = selectionOf(rule, this.#clients);
    if (!this.#isLeft(selection, [...before, ...after])) return undefined;
    const butFor = butForText(selection, before, after);
    if (butFor !== "") {
      // Perhaps it can be said with fewer exceptions: without those values for which it does not hold at all.
      for (const each of LISTS) {
        const all = valuesOf(rule, each);
        const part = all.length < 2 ? undefined : this.#part(rule, each, all, [before, after]);
        if (part?.part !== undefined && part.part.values.length < all.length) return part;
      }
    }
    return { butFor };
  }

  #part(
    rule: AccessRule,
    list: List,
    values: readonly string[],
    [before, after]: readonly [readonly Judge[], readonly Judge[]],
  ): Certain | undefined {
    const partOf = (some: readonly string[]) => {
      const wanted = new Set(some);
      const kept = (rule[list] ?? []).filter((value) => wanted.has(valueText(list, value)));
      return selectionOf({ ...rule, [list]: kept }, this.#clients);
    };
    const others = [...before, ...after];
    const left = values.filter((value) => this.#isLeft(partOf([value]), others));
    if (left.length === 0) return undefined;
    return { part: { list, values: left }, butFor: butForText(partOf(left), before, after) };
  }

  /** Whether there is a query in a selection that none of these rules judges. */
  #isLeft(selection: Selection, judges: readonly Judge[]): boolean {
    if (this.#isTooMuch(judges.length)) return false;
    const others = judges.map((judge) => judge.selection).filter((other) => meets(selection, other));
    return leavesSome(selection, others);
  }

  #isTooMuch(more: number): boolean {
    this.#compared += more;
    return this.#compared > MOST_COMPARED;
  }
}

function isRefusal({ rule: { action } }: Pick<Judge, "rule">): boolean {
  return action === "refuse" || action === "drop";
}

function butForText(selection: Selection, before: readonly Judge[], after: readonly Judge[]): string {
  const [were, are] = [before, after].map((judges) =>
    judges.filter((each) => meets(selection, each.selection)).map(({ rule }) => accessRuleText(rule)),
  );
  const part = (words: string, texts: readonly string[] = []) =>
    texts.length === 0 ? [] : [`${words} ${codes([...new Set(texts)])}`];
  const exceptions = [...part("what was judged by", were), ...part("what is judged by", are)];
  return exceptions.length === 0 ? "" : `, but for ${exceptions.join(" and ")}`;
}
