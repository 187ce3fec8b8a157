import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { call } from "../../lib/config/dnsdist/model.js";
import { cidrContains } from "../../lib/core/ip.js";
import { isInZone } from "../../lib/core/names.js";
import { type ClientChanges, clientChanges } from "../../lib/diff/clients.js";
import { type AccessRule, isForUdp, needsQuery } from "../../lib/model/access-rule.js";
import { DEBIAN_13 } from "../../lib/model/platform-profile.js";
import type { Pool } from "../../lib/model/pool.js";
import { classNumber, opcodeNumber, typeNumber } from "../../lib/model/query-kind.js";
import { dnsdistAccess, dnsdistOutsiders } from "../../lib/node/compile/access.js";
import { rule } from "../../lib/node/compile/dnsdist-terms.js";
import { featuresOf } from "../../lib/node/features.js";
import { recordOf } from "../../lib/review/index.js";
import { accessRuleText } from "../../lib/review/words.js";
import { judge, type Query } from "../node/compile/judgement.js";
import { FRONTEND, PAIR, POOL } from "../node/compile/models.js";

/** A frontend's rules, and whom it serves. */
interface Policy {
  readonly accessRules: readonly AccessRule[];
  readonly allowFrom: readonly string[];
}

/** The pool has zones, for which ANY can be answered. */
const ZONES: Pool = { ...POOL, role: "authoritative", zones: ["example."] };

function changes(before: Policy, after: Policy): ClientChanges {
  const [old, now] = [before, after].map((policy) =>
    recordOf({ ...PAIR, frontends: [{ ...FRONTEND, pool: ZONES, ...policy }] }, []),
  );
  if (old === undefined || now === undefined) throw new Error("no record");
  return clientChanges(old, now);
}

const CLIENTS = ["10.0.0.0/8"];
const of =
  (action: AccessRule["action"]) =>
  (conditions: Partial<AccessRule>): AccessRule => ({ ...{ action, from: [], names: [], types: [] }, ...conditions });
const [refuse, drop, truncate, minimalAny] = [of("refuse"), of("drop"), of("truncate"), of("minimal-any")];
const named = (...names: string[]) => refuse({ names });
const reasoned = (code: "blocked" | "filtered", text?: string) =>
  refuse({ names: ["a."], extendedError: { code, ...(text === undefined ? {} : { text }) } });
const many = (last: string) => refuse({ names: ["a.", "b.", "c.", "d.", last], types: ["A"] });

interface Row {
  readonly change: string;
  readonly before: readonly AccessRule[];
  readonly after: readonly AccessRule[];
  readonly refused?: readonly string[];
  readonly served?: readonly string[];
  readonly rules?: readonly string[];
}

const ROWS: readonly Row[] = [
  { change: "nothing", before: [named("a.", "b.")], after: [named("a.", "b.")] },
  {
    change: "only how values are written and sorted",
    before: [refuse({ names: ["a.", "b."], types: ["AAAA"] })],
    after: [refuse({ names: ["b.", "a."], types: [28] })],
  },
  {
    change: "a name more, and a rule with another name",
    before: [named("a.")],
    after: [named("a.", "b."), named("c.")],
    refused: [
      "names `b.` at `internal`, by the access rule `refuse names a. b.`",
      "`refuse names c.` at `internal`, by a new access rule",
    ],
  },
  {
    change: "two rules become one",
    before: [named("a."), named("b.")],
    after: [named("a.", "b.")],
    rules: [
      "the access rule `refuse names a.` at `internal` is `refuse names a. b.`",
      "`refuse names b.` at `internal` is an access rule no more",
    ],
  },
  {
    change: "one rule becomes two, with a name more and one fewer",
    before: [named("a.", "b.", "c.")],
    after: [named("c.", "d."), named("a.")],
    refused: ["names `d.` at `internal`, by the new access rule `refuse names c. d.`"],
    served: ["names `b.` at `internal`, no more judged by the access rule `refuse names a.`"],
  },
  {
    change: "of two rules each has a name fewer, and the nearest are pairs",
    before: [named("a.", "b.", "c.", "d."), named("a.", "b.", "x.")],
    after: [named("a.", "b."), named("a.", "b.", "c.")],
    served: [
      "names `x.` at `internal`, no more judged by the access rule `refuse names a. b.`",
      "names `d.` at `internal`, no more judged by the access rule `refuse names a. b. c.`",
    ],
    rules: ["access rules at `internal` are in another order"],
  },
  {
    change: "a name that is below another one goes",
    before: [named("example.", "a.example.")],
    after: [named("example.")],
    rules: ["the access rule `refuse names example. a.example.` at `internal` is `refuse names example.`"],
  },
  {
    change: "a network is smaller",
    before: [refuse({ from: ["10.1.0.0/16"] })],
    after: [refuse({ from: ["10.1.0.0/17"] })],
    served: [
      "what an access rule judged at `internal` that is gone: `refuse from 10.1.0.0/16`, but for what is judged by `refuse from 10.1.0.0/17`",
    ],
    rules: ["`refuse from 10.1.0.0/17` at `internal` is a new access rule"],
  },
  {
    change: "a network is written in halves",
    before: [refuse({ from: ["10.1.0.0/16", "10.3.0.0/16"] })],
    after: [refuse({ from: ["10.1.0.0/17", "10.1.128.0/17", "10.3.0.0/16"] })],
    rules: [
      "the access rule `refuse from 10.1.0.0/16 10.3.0.0/16` at `internal` is `refuse from 10.1.0.0/17 10.1.128.0/17 10.3.0.0/16`",
    ],
  },
  {
    change: "a rule for clients whom the frontend does not serve",
    before: [],
    after: [refuse({ from: ["192.0.2.0/24"] })],
    rules: ["`refuse from 192.0.2.0/24` at `internal` is a new access rule"],
  },
  {
    change: "a rule beside one that judged a part of it",
    before: [drop({ from: ["10.1.0.0/16"] })],
    after: [drop({ from: ["10.1.0.0/16"] }), named("a.")],
    refused: [
      "`refuse names a.` at `internal`, by a new access rule, but for what was judged by `drop from 10.1.0.0/16`",
    ],
  },
  {
    change: "a rule behind one that sends to TCP",
    before: [truncate({ types: ["ANY"] })],
    after: [truncate({ types: ["ANY"] }), named("a.")],
    refused: [
      "`refuse names a.` at `internal`, by a new access rule, but for what is judged by `send to TCP types ANY`",
    ],
  },
  {
    change: "a rule behind one that sends to TCP what it refuses there",
    before: [truncate({ names: ["a."] })],
    after: [truncate({ names: ["a."] }), named("a.")],
    refused: [
      "`refuse names a.` at `internal`, by a new access rule, but for what is judged by `send to TCP names a.`",
    ],
  },
  {
    change: "a rule for all types beside one for some",
    before: [refuse({ types: ["A"] })],
    after: [refuse({ types: ["A"] }), named("a.")],
    refused: ["`refuse names a.` at `internal`, by a new access rule, but for what was judged by `refuse types A`"],
  },
  {
    change: "an action",
    before: [named("a.")],
    after: [drop({ names: ["a."] })],
    rules: ["the access rule `refuse names a.` at `internal` is `drop names a.`"],
  },
  {
    change: "what goes to TCP is not refused",
    before: [],
    after: [truncate({ types: ["ANY"] })],
    rules: ["`send to TCP types ANY` at `internal` is a new access rule"],
  },
  {
    change: "a reason",
    before: [reasoned("blocked")],
    after: [reasoned("filtered", "ask us")],
    rules: [
      "the access rule `refuse names a., extended error blocked` at `internal` is `refuse names a., extended error filtered: ask us`",
    ],
  },
  {
    change: "a reason and a name",
    before: [named("a."), named("z.")],
    after: [refuse({ names: ["a.", "b."], extendedError: { code: "blocked" } }), named("z.")],
    refused: ["names `b.` at `internal`, by the access rule `refuse names a. b., extended error blocked`"],
    rules: ["the access rule `refuse names a.` at `internal` is `refuse names a. b., extended error blocked`"],
  },
  {
    change: "how long the brief answer is kept",
    before: [minimalAny({ types: ["ANY"], ttl: "1h" })],
    after: [minimalAny({ types: ["ANY"], ttl: "2h" })],
    rules: [
      "the access rule `answer ANY briefly types ANY, TTL 1h` at `internal` is `answer ANY briefly types ANY, TTL 2h`",
    ],
  },
  {
    change: "values that texts leave out, and that other rules refuse anyway",
    before: [many("e."), refuse({ names: ["e.", "f."] })],
    after: [many("f."), refuse({ names: ["e.", "f."] })],
    rules: [
      "the access rule `refuse names a. b. c. d. and 1 more, types A` at `internal` is `refuse names a. b. c. d. and 1 more, types A`, with names `f.` and without names `e.`",
    ],
  },
  {
    change: "the order of rules that judge the same queries otherwise",
    before: [named("a."), drop({ types: ["ANY"] })],
    after: [drop({ types: ["ANY"] }), named("a.")],
    rules: ["access rules at `internal` are in another order, which may decide otherwise"],
  },
  {
    change: "the order of rules that do the same",
    before: [named("a."), refuse({ types: ["ANY"] })],
    after: [refuse({ types: ["ANY"] }), named("a.")],
    rules: ["access rules at `internal` are in another order"],
  },
  {
    change: "a rule that was there twice",
    before: [named("a."), named("a.")],
    after: [named("a.")],
    rules: ["`refuse names a.` at `internal` is an access rule no more"],
  },
];

describe("a change of access rules", () => {
  test.each(ROWS)("$change", ({ before, after, refused = [], served = [], rules = [] }) => {
    const found = changes({ accessRules: before, allowFrom: CLIENTS }, { accessRules: after, allowFrom: CLIENTS });
    expect(found).toMatchObject({ refused, served, rules });
  });

  test("refuses nothing anew to clients who were not served, and serves nothing to those who are not any more", () => {
    const accessRules = [refuse({ from: ["172.16.0.0/16"] }), drop({ from: ["172.16.0.0/16"], names: ["a."] })];
    const [fewer, more] = [CLIENTS, [...CLIENTS, "172.16.0.0/12"]];
    const text = "`172.16.0.0/12` at `internal`, but for what";
    expect(changes({ accessRules: [], allowFrom: fewer }, { accessRules, allowFrom: more })).toMatchObject({
      refused: [],
      served: [`${text} is judged by \`refuse from 172.16.0.0/16\``],
    });
    expect(changes({ accessRules, allowFrom: more }, { accessRules: [], allowFrom: fewer })).toMatchObject({
      refused: [`${text} was judged by \`refuse from 172.16.0.0/16\``],
      served: [],
    });
  });

  test("is told by what the rules were and are where they are too many to be compared", () => {
    const some = (first: number) =>
      Array.from({ length: 2_000 }, (_, at) => refuse({ names: [`n${first + at}.`], from: [`10.${at % 256}.0.0/16`] }));
    const { refused, served, rules } = changes(
      { accessRules: some(0), allowFrom: CLIENTS },
      { accessRules: some(5_000), allowFrom: CLIENTS },
    );
    expect(refused.length + served.length + rules.length).toBe(4_000);
    expect(rules.length).toBeGreaterThan(2_000);
  });
});

const NETWORKS = ["10.1.0.0/16", "10.1.0.0/17", "10.1.1.0/24", "10.2.0.0/16", "192.0.2.0/24"] as const;
const NAMES = ["example.", "a.example.", "b.example.", "b.a.example.", "corp.test."] as const;
const some = <T>(values: readonly T[]) =>
  fc.oneof(fc.constant([]), fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 }));

const accessRules: fc.Arbitrary<AccessRule> = fc
  .record({
    action: fc.constantFrom("refuse", "refuse", "refuse", "drop", "truncate", "minimal-any"),
    from: some(NETWORKS),
    names: some(NAMES),
    types: some<AccessRule["types"][number]>(["A", "ANY", 28]),
    classes: fc.constantFrom<NonNullable<AccessRule["classes"]>[]>([], [], [], [], ["CH"], [1]),
    opcodes: fc.constantFrom<NonNullable<AccessRule["opcodes"]>[]>([], [], [], [], ["NOTIFY"], ["UPDATE", 0]),
    reason: fc.constantFrom(undefined, undefined, "filtered", "blocked"),
  })
  .map(({ reason, ...each }) => ({
    ...(each.action === "minimal-any" ? { ...each, types: ["ANY" as const] } : each),
    ...(each.action === "refuse" && reason !== undefined ? { extendedError: { code: reason } } : {}),
  }));

/** Rules that refuse names alone, as most do. */
const simpleRules: fc.Arbitrary<AccessRule> = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => refuse({ names }));

const CONDITIONS = ["names", "types", "from"] as const;
const PROPERTIES = [...CONDITIONS, "action", "extendedError"] as const;

/** A list of rules that has come of another one. */
function edited(rules: readonly AccessRule[]): fc.Arbitrary<readonly AccessRule[]> {
  const place = fc.nat({ max: rules.length });
  const condition = fc.constantFrom(...CONDITIONS);
  return fc.oneof(
    fc.tuple(place, accessRules).map(([at, added]) => rules.toSpliced(at, 0, added)),
    place.map((at) => rules.toSpliced(at, 1)),
    fc.shuffledSubarray([...rules], { minLength: rules.length }),
    // One value after the other is a rule of its own.
    fc
      .tuple(place, condition)
      .map(([at, list]) =>
        rules.flatMap((each, index) =>
          index === at && each[list].length > 1 ? each[list].map((value) => ({ ...each, [list]: [value] })) : [each],
        ),
      ),
    // Two are one.
    fc.tuple(place, condition).map(([at, list]) => {
      const [one, other] = rules.slice(at, at + 2);
      if (one === undefined || other === undefined) return rules;
      return rules.toSpliced(at, 2, { ...one, [list]: [...new Set([...one[list], ...other[list]])] });
    }),
    fc.tuple(place, accessRules, fc.constantFrom(...PROPERTIES)).map(([at, other, property]) => {
      const each = rules[at];
      if (each === undefined) return rules;
      return rules.with(at, { ...each, [property]: other[property] ?? each[property] });
    }),
  );
}

const lists = fc.oneof(fc.array(accessRules, { maxLength: 4 }), fc.array(simpleRules, { maxLength: 4 }));
const clients = fc.constantFrom<readonly string[]>(
  ...[["10.0.0.0/8"], ["10.0.0.0/8"], ["10.1.0.0/16", "192.0.2.0/24"], ["10.1.0.0/17"], ["0.0.0.0/0", "::/0"]],
);
/** Two policies, of which the second is another one or has come of the first. */
const policies: fc.Arbitrary<readonly [Policy, Policy]> = fc
  .tuple(lists, clients, fc.option(clients, { freq: 3 }))
  .chain(([before, allowFrom, others]) =>
    fc.oneof(lists, edited(before), edited(before).chain(edited)).map((after): readonly [Policy, Policy] => [
      { accessRules: before, allowFrom },
      { accessRules: after, allowFrom: others ?? allowFrom },
    ]),
  );

type Asked = Pick<Query, "source" | "name" | "type" | "class" | "opcode" | "tcp">;

const asked: fc.Arbitrary<Asked> = fc.record({
  source: fc.constantFrom("10.1.1.1", "10.1.7.1", "10.1.200.1", "10.2.1.1", "10.9.1.1", "192.0.2.9", "fd53::9"),
  name: fc.constantFrom(...NAMES, "x.a.example.", "other.test."),
  type: fc.constantFrom(1, 28, 16, 255),
  class: fc.constantFrom(1, 1, 1, 3),
  opcode: fc.constantFrom(0, 0, 0, 4, 5),
  tcp: fc.boolean(),
});

const SERVED = "served";

/** What a policy does with a query. */
function judged({ accessRules: own, allowFrom }: Policy, query: Asked) {
  const frontend = { ...FRONTEND, pool: ZONES, accessRules: own, allowFrom };
  const rules = [
    ...dnsdistOutsiders(frontend),
    ...dnsdistAccess(frontend, featuresOf(DEBIAN_13)),
    rule(SERVED, call("AllRule"), call("PoolAction", SERVED)),
  ];
  const {
    action,
    rule: by,
    reason,
  } = judge(
    rules,
    {
      ...{ ...query, destination: "10.0.0.53", port: 53, wantsDnssec: false, options: [], signatures: 0 },
      ...{ serversUp: () => 1, isBeyond: () => false },
    },
    true,
  );
  const text = JSON.stringify(action);
  return {
    isServed: by === SERVED,
    isRefused: text.includes("RCodeAction") || text.includes("DropAction"),
    isOutside: by.endsWith("outsiders"),
    effect: JSON.stringify([action, reason]),
  };
}

/** Whether a policy refuses everything to the client of a query. */
function byClient({ accessRules: own, allowFrom }: Policy, query: Asked): boolean {
  return judged({ accessRules: own.filter((each) => !needsQuery(each) && !isForUdp(each)), allowFrom }, query)
    .isRefused;
}

const ACTIONS = {
  refuse: "refuse",
  drop: "drop",
  "send to TCP": "truncate",
  "answer ANY briefly": "minimal-any",
} as const;

/** The rule that a text tells. */
function ruleOf(text: string): AccessRule {
  const [, action = "", rest = ""] = /^(refuse|drop|send to TCP|answer ANY briefly) (.*)$/.exec(text) ?? [];
  const conditions = Object.fromEntries(
    rest
      .split(", ")
      .map((part) => part.split(" "))
      .filter(([word = ""]) => ["names", "types", "from", "classes", "opcodes"].includes(word))
      .map(([word, ...values]) => [word, values.map((value) => (/^\d+$/.test(value) ? Number(value) : value))]),
  );
  const found = of(ACTIONS[action as keyof typeof ACTIONS])(conditions);
  expect(accessRuleText(found)).toBe(text.replace(/, extended error .*/, ""));
  return found;
}

function matches({ from, names, types, classes = [], opcodes = [], action }: AccessRule, query: Asked): boolean {
  const isOne = <T>(values: readonly T[], is: (value: T) => boolean) => values.length === 0 || values.some(is);
  return (
    isOne(from, (each) => cidrContains(each, query.source)) &&
    isOne(names, (each) => isInZone(query.name, each)) &&
    isOne(types, (each) => typeNumber(each) === query.type) &&
    isOne(classes, (each) => classNumber(each) === query.class) &&
    isOne(opcodes, (each) => opcodeNumber(each) === query.opcode) &&
    (action === "refuse" || action === "drop" || !query.tcp)
  );
}

const spans = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);

/** What a sentence claims something of, and whether that is about all queries of some clients. */
interface Claim {
  readonly isAbout: (query: Asked) => boolean;
  readonly isOfClients: boolean;
}

const WHOLE =
  /^(?:`([^`]+)` at `internal`, by a new access rule|what an access rule judged at `internal` that is gone: `([^`]+)`)$/;
const PART =
  /^(names|types|from|classes|opcodes) (.*) at `internal`, (?:by the (?:new )?access rule|no more judged by the access rule|which an access rule judged that is gone:) `([^`]+)`$/;
const NETWORK = /^`([^`]+)`(?: but for (.*))? at `internal`$/;

function claimOf(sentence: string): Claim {
  const [, claim = "", butFor = ""] = /^(.*?)(, but for what (?:was|is) judged by .*)?$/.exec(sentence) ?? [];
  const exceptions = spans(butFor).map(ruleOf);
  const isExcepted = (query: Asked) => exceptions.some((each) => matches(each, query));
  const [, added, removed] = WHOLE.exec(claim) ?? [];
  const whole = added ?? removed;
  if (whole !== undefined) {
    const told = ruleOf(whole);
    return { isAbout: (query) => matches(told, query) && !isExcepted(query), isOfClients: false };
  }
  const [, list, values = "", text = ""] = PART.exec(claim) ?? [];
  if (list !== undefined) {
    const told = { ...ruleOf(text), [list]: spans(values) };
    return { isAbout: (query) => matches(told, query) && !isExcepted(query), isOfClients: false };
  }
  const [, network, parts = ""] = NETWORK.exec(claim) ?? [];
  if (network === undefined) throw new Error(`the test does not know "${sentence}"`);
  const isIn = (query: Asked) =>
    cidrContains(network, query.source) && !spans(parts).some((each) => cidrContains(each, query.source));
  return { isAbout: (query) => isIn(query) && !isExcepted(query), isOfClients: true };
}

const runs = { numRuns: 500 };

describe("sentences about whom a frontend serves", () => {
  test("are true of each query that they are about", { timeout: 60_000 }, () => {
    const property = fc.property(
      policies,
      fc.array(asked, { minLength: 1, maxLength: 60, size: "max" }),
      ([before, after], all) => {
        const { refused, served } = changes(before, after);
        const told = [
          ...refused.map((sentence) => ({ sentence, claim: claimOf(sentence), wanted: "refused" as const })),
          ...served.map((sentence) => ({ sentence, claim: claimOf(sentence), wanted: "served" as const })),
        ];
        for (const query of all) {
          const [was, is] = [judged(before, query), judged(after, query)];
          for (const { sentence, claim, wanted } of told) {
            if (!claim.isAbout(query)) continue;
            const context = `${sentence}: ${JSON.stringify(query)}`;
            if (claim.isOfClients) {
              const [refusedAll, refusesAll] = [byClient(before, query), byClient(after, query)];
              expect([refusedAll, refusesAll], context).toEqual([wanted === "served", wanted === "refused"]);
            } else if (!was.isOutside && !is.isOutside) {
              expect([was.isRefused, is.isRefused], context).toEqual([wanted === "served", wanted === "refused"]);
              if (wanted === "served") expect(is.isServed, context).toBe(true);
            }
          }
        }
      },
    );
    fc.assert(property, runs);
  });

  test("are there for each query that fares otherwise", { timeout: 60_000 }, () => {
    const property = fc.property(
      policies,
      fc.array(asked, { minLength: 1, maxLength: 60, size: "max" }),
      ([before, after], all) => {
        const isChanged = all.some((query) => judged(before, query).effect !== judged(after, query).effect);
        const { refused, served, rules } = changes(before, after);
        if (isChanged) expect([...refused, ...served, ...rules].length).toBeGreaterThan(0);
      },
    );
    fc.assert(property, runs);
  });
});
