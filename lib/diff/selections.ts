import type { AccessRule } from "../model/access-rule.js";
import type { FrontendRecord, RouteRecord } from "../review/index.js";
import { accessRuleText, selectionText } from "../review/words.js";
import { code, codes } from "./markdown.js";

/*
 * Access rules and routes, which are told apart by all that they are: they have no names.
 */

/** What a change of access rules means. */
export interface RuleChanges {
  /** What rules judge now. */
  readonly judged: readonly string[];
  /** What they judge no more. */
  readonly free: readonly string[];
}

/** Compares the access rules of a frontend. */
export function ruleChanges({ accessRules: old }: FrontendRecord, now: FrontendRecord): RuleChanges {
  const at = `at ${code(now.name)}`;
  const added = only(now.accessRules, old);
  const removed = only(old, now.accessRules);
  const pairs = added.flatMap((rule) => {
    const found = removed.map((before) => listChange(before, rule)).find((change) => change !== undefined);
    return found === undefined ? [] : [found];
  });
  const isPaired = (rule: AccessRule) => pairs.some((pair) => pair.before === rule || pair.after === rule);
  const isMoved = added.length + removed.length === 0 && JSON.stringify(old) !== JSON.stringify(now.accessRules);
  const lists = (pick: (pair: ListChange) => readonly string[], word: string) =>
    pairs
      .filter((pair) => pick(pair).length > 0)
      .map((pair) => `${pair.list} ${codes(pick(pair))} ${at}, ${word} ${code(accessRuleText(pair.after))}`);
  return {
    judged: [
      ...lists(({ more }) => more, "by the access rule"),
      ...added
        .filter((rule) => !isPaired(rule))
        .map((rule) => `${code(accessRuleText(rule))} ${at}, by a new access rule`),
      ...(isMoved ? [`access rules ${at} are in another order, which may decide otherwise`] : []),
    ],
    free: [
      ...lists(({ fewer }) => fewer, "no more judged by the access rule"),
      ...removed
        .filter((rule) => !isPaired(rule))
        .map((rule) => `what an access rule judged ${at} that is gone: ${code(accessRuleText(rule))}`),
    ],
  };
}

/** A rule of which one list is another. */
interface ListChange {
  readonly before: AccessRule;
  readonly after: AccessRule;
  readonly list: (typeof LISTS)[number];
  readonly more: readonly string[];
  readonly fewer: readonly string[];
}

const LISTS = ["names", "types", "from", "classes", "opcodes"] as const;

/** The change of a rule of which one list alone is another; an empty list means all, and is no such. */
function listChange(before: AccessRule, after: AccessRule): ListChange | undefined {
  const changed = LISTS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const [list] = changed;
  if (list === undefined || changed.length > 1) return undefined;
  const isSame = JSON.stringify({ ...before, [list]: [] }) === JSON.stringify({ ...after, [list]: [] });
  const [old, now] = [before[list] ?? [], after[list] ?? []].map((values) => values.map(String)) as [
    string[],
    string[],
  ];
  if (!isSame || old.length === 0 || now.length === 0) return undefined;
  const [had, has] = [new Set(old), new Set(now)];
  return {
    ...{ before, after, list },
    more: now.filter((value) => !had.has(value)),
    fewer: old.filter((value) => !has.has(value)),
  };
}

/** What a change of pools and routes means for the queries of a frontend. */
export function routeChanges(old: FrontendRecord, now: FrontendRecord): readonly string[] {
  const [before, after] = [old.routes ?? [], now.routes ?? []];
  const [added, removed] = [only(after, before), only(before, after)];
  const text = (route: RouteRecord) => code(`${selectionText(route)} to ${route.pool}`);
  const at = `at ${code(now.name)}`;
  const isMoved = added.length + removed.length === 0 && JSON.stringify(before) !== JSON.stringify(after);
  return [
    ...(old.pool === now.pool ? [] : [`queries ${at} go to pool ${code(now.pool)}, before to ${code(old.pool)}`]),
    ...added.map((each) => `queries ${at} take a new route: ${text(each)}`),
    ...removed.map((each) => `queries ${at} take a route no more: ${text(each)}`),
    ...(isMoved ? [`routes ${at} are in another order, which may decide otherwise`] : []),
  ];
}

/** What is in one list and not in the other. */
function only<T>(list: readonly T[], other: readonly T[]): readonly T[] {
  const known = new Set(other.map((each) => JSON.stringify(each)));
  return list.filter((each) => !known.has(JSON.stringify(each)));
}
