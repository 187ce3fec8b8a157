import type { AccessRule } from "../model/access-rule.js";
import type { FrontendRecord } from "../review/index.js";
import { accessRuleText } from "../review/words.js";
import { type Certain, Certainties } from "./certain.js";
import { code, codes } from "./markdown.js";
import { NetworkSet } from "./network-set.js";
import { listWords, type Pair, type Paired, paired } from "./pairs.js";
import { type List, RULE_TRAITS } from "./rule-traits.js";

/*
 * What a change of access rules means. Whom they refuse now, or judge no more, is said of those queries of which it is
 * certain; of other changes, what the rules were and are.
 */

/** What a change of access rules means for whoever is a client before and after it. */
export interface RuleChanges {
  /** Queries that rules refuse or drop now, and did not before. */
  readonly refused: readonly string[];
  /** Queries that rules refused or dropped, and that none judges now. */
  readonly free: readonly string[];
  /** Other changes. */
  readonly changed: readonly string[];
}

/** Compares the access rules of a frontend. */
export function ruleChanges(old: FrontendRecord, now: FrontendRecord): RuleChanges {
  // Copies, so that each is an object of its own.
  const [before, after] = [old, now].map(({ accessRules }) => accessRules.map((rule) => ({ ...rule }))) as [
    AccessRule[],
    AccessRule[],
  ];
  const clients = NetworkSet.of(old.allowFrom).common(NetworkSet.of(now.allowFrom));
  const certainties = new Certainties(before, after, clients);
  const found = paired(before, after, RULE_TRAITS);
  const at = `at ${code(now.name)}`;
  const changes = [
    ...found.pairs.map((pair) => pairChange(pair, certainties, at)),
    ...found.added.map((rule) => addition(rule, certainties, at)),
    ...found.removed.map((rule) => removal(rule, certainties, at)),
  ];
  return {
    refused: changes.flatMap(({ refused }) => refused),
    free: changes.flatMap(({ free }) => free),
    changed: [...changes.flatMap(({ changed }) => changed), ...order(before, found, certainties, at)],
  };
}

function pairChange(pair: Pair<AccessRule, List>, certainties: Certainties, at: string): RuleChanges {
  const { before, after, list, more, fewer, others } = pair;
  const [was, is] = [code(accessRuleText(before)), code(accessRuleText(after))];
  const refused = list === undefined ? undefined : certainties.refused({ rule: after, list, values: more });
  const free = list === undefined ? undefined : certainties.free({ rule: before, list, values: fewer });
  const isSame = list === undefined && others === 0;
  const isTold = others === 0 && (refused !== undefined || free !== undefined);
  return {
    refused: partText(refused, at, `by the access rule ${is}`),
    free: partText(free, at, `no more judged by the access rule ${is}`),
    changed: isSame || isTold ? [] : [`the access rule ${was} ${at} is ${is}${was === is ? listWords(pair) : ""}`],
  };
}

function addition(rule: AccessRule, certainties: Certainties, at: string): RuleChanges {
  const text = code(accessRuleText(rule));
  const refused = certainties.refused({ rule });
  return {
    refused: [
      ...wholeText(refused, `${text} ${at}, by a new access rule`),
      ...partText(refused, at, `by the new access rule ${text}`),
    ],
    free: [],
    changed: refused === undefined ? [`${text} ${at} is a new access rule`] : [],
  };
}

function removal(rule: AccessRule, certainties: Certainties, at: string): RuleChanges {
  const text = code(accessRuleText(rule));
  const free = certainties.free({ rule });
  return {
    refused: [],
    free: [
      ...wholeText(free, `what an access rule judged ${at} that is gone: ${text}`),
      ...partText(free, at, `which an access rule judged that is gone: ${text}`),
    ],
    changed: free === undefined ? [`${text} ${at} is an access rule no more`] : [],
  };
}

function wholeText(certain: Certain | undefined, text: string): readonly string[] {
  return certain === undefined || certain.part !== undefined ? [] : [`${text}${certain.butFor}`];
}

function partText(certain: Certain | undefined, at: string, words: string): readonly string[] {
  if (certain?.part === undefined) return [];
  const { list, values } = certain.part;
  return [`${list} ${codes(values)} ${at}, ${words}${certain.butFor}`];
}

/** Whether rules have changed places, and whether that may decide about a query. */
function order(
  before: readonly AccessRule[],
  { pairs, isMoved }: Paired<AccessRule, List>,
  certainties: Certainties,
  at: string,
): readonly string[] {
  if (!isMoved) return [];
  const places = new Map(before.map((rule, place) => [rule, place]));
  const kept = pairs.map((pair) => ({
    place: places.get(pair.before) ?? 0,
    effect: JSON.stringify(RULE_TRAITS.othersOf(pair.after)),
    rule: pair.after,
  }));
  const mayDecide = kept.some((one, index) =>
    kept
      .slice(index + 1)
      .some(
        ({ place, effect, rule }) =>
          place < one.place && effect !== one.effect && certainties.mayDecide(one.rule, rule),
      ),
  );
  return [`access rules ${at} are in another order${mayDecide ? ", which may decide otherwise" : ""}`];
}
