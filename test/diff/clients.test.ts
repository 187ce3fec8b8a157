import { describe, expect, test } from "vitest";
import { clientChanges } from "../../lib/diff/clients.js";
import type { Frontend } from "../../lib/model/frontend.js";
import type { Pool } from "../../lib/model/pool.js";
import type { RateLimit } from "../../lib/model/rate-limit.js";
import type { Route } from "../../lib/model/route.js";
import { recordOf } from "../../lib/review/index.js";
import { dnsListener, FRONTEND, PAIR, POOL } from "../node/compile/models.js";

const compare = (before: readonly Frontend[], after: readonly Frontend[]) => {
  const [old, now] = [before, after].map((frontends) => recordOf({ ...PAIR, frontends }, []));
  if (old === undefined || now === undefined) throw new Error("no record");
  return clientChanges(old, now);
};
const at = (name: string, address: string, changes: Partial<Frontend> = {}): Frontend => ({
  ...{ ...FRONTEND, name, addresses: [address], listeners: [dnsListener(name)] },
  ...changes,
});
const pool = (name: string): Pool => ({ ...POOL, name });
const NOTHING = { refused: [], served: [], rules: [], limits: [], routes: [] };

describe("frontends", () => {
  const [one, other] = ["10.0.0.53", "10.0.0.54"];

  test("that swap their names serve whom they served", () => {
    const after = [at("b", one), at("a", other)];
    expect(compare([at("a", one), at("b", other)], after)).toEqual(NOTHING);
  });

  test("that take the name of another one, which has got a name, are new at new places alone", () => {
    expect(compare([at("a", one)], [at("b", one), at("a", other)])).toEqual({
      ...NOTHING,
      served: ["clients of `a` also at `10.0.0.54:53`"],
    });
  });

  test("that take the place of another one serve those whom that did not", () => {
    const more = { allowFrom: ["10.0.0.0/8", "172.16.0.0/12"] };
    expect(compare([at("a", one)], [at("a", other), at("b", one, more)])).toEqual({
      ...NOTHING,
      served: [
        "`172.16.0.0/12` at `10.0.0.53:53`, which `a` had and `b` has now",
        "clients of `a` also at `10.0.0.54:53`",
      ],
    });
  });

  test("allow networks but for those that access rules refuse", () => {
    const accessRules = (["10.1.0.0/16", "10.128.0.0/16", "172.17.0.0/16"] as const).map((network) => ({
      ...{ action: "refuse" as const, from: [network], names: [], types: [] },
    }));
    const before = [at("a", one, { accessRules })];
    const after = [at("a", one, { accessRules, allowFrom: ["10.0.0.0/9", "172.16.0.0/12"] })];
    expect(compare(before, after)).toEqual({
      ...NOTHING,
      refused: [
        "`10.0.0.0/8` but for `10.0.0.0/9` at `a`, but for what was judged by `refuse from 10.1.0.0/16`, `refuse from 10.128.0.0/16`",
      ],
      served: ["`172.16.0.0/12` at `a`, but for what is judged by `refuse from 172.17.0.0/16`"],
    });
  });

  test("with another name and other rules are told by the name that they have now", () => {
    const rule = { action: "refuse" as const, from: [], names: ["a."], types: [] };
    const after = at("b", one, { accessRules: [{ ...rule, names: ["a.", "b."] }] });
    expect(compare([at("a", one, { accessRules: [rule] })], [after])).toEqual({
      ...NOTHING,
      refused: ["names `b.` at `b`, by the access rule `refuse names a. b.`"],
    });
  });
});

describe("routes", () => {
  const to = (name: string, conditions: Partial<Route>): Route => ({
    ...{ pool: pool(name), from: [], names: [], types: [] },
    ...conditions,
  });
  const changes = (before: readonly Route[], after: readonly Route[], changed: Partial<Frontend> = {}) =>
    compare([{ ...FRONTEND, routes: before }], [{ ...FRONTEND, routes: after, ...changed }]).routes;
  const names = ["a.", "b.", "c.", "d."];

  test.each([
    { change: "nothing", before: [to("p", { names })], after: [to("p", { names: names.toReversed() })], says: [] },
    {
      change: "one becomes two",
      before: [to("p", { names: ["a.", "b."] })],
      after: [to("p", { names: ["a."] }), to("p", { names: ["b."] })],
      says: [
        "a route at `internal` was `names a. b. to p` and is `names a. to p`",
        "a route at `internal` is new: `names b. to p`",
      ],
    },
    {
      change: "names that texts leave out",
      before: [to("p", { names: [...names, "e."] })],
      after: [to("p", { names: [...names, "f."] })],
      says: [
        "a route at `internal` was `names a. b. c. d. and 1 more to p` and is `names a. b. c. d. and 1 more to p`, with names `f.` and without names `e.`",
      ],
    },
    {
      change: "a pool has another name",
      before: [to("old", { names })],
      after: [to("new", { names })],
      says: ["a route at `internal` was `names a. b. c. d. to old` and is `names a. b. c. d. to new`"],
    },
    {
      change: "another one, and another order",
      before: [to("p", { names: ["a."] }), to("q", { types: ["TXT"] }), to("q", { names: ["b."] })],
      after: [to("q", { types: ["TXT"] }), to("p", { names: ["a."] }), to("q", { names: ["c."] })],
      says: [
        "a route at `internal` is new: `names c. to q`",
        "a route at `internal` is gone: `names b. to q`",
        "routes at `internal` are in another order, which may decide otherwise",
      ],
    },
  ])("$change", ({ before, after, says }) => {
    expect(changes(before, after)).toEqual(says);
  });

  test("leave their queries where they are when the frontend has another pool", () => {
    const routes = [to("p", { names })];
    expect(changes(routes, routes, { pool: pool("new") })).toEqual([
      "queries at `internal` that take no route go to pool `new`, before to `resolvers`",
    ]);
    expect(changes([], [], { pool: pool("new") })).toEqual([
      "queries at `internal` go to pool `new`, before to `resolvers`",
    ]);
  });
});

describe("networks without limits", () => {
  const limit = (exempt: readonly string[]): RateLimit => ({
    ...{ per: { ipv4: 32, ipv6: 64 }, exempt, exceeded: "truncate", concurrentConnections: 9 },
  });
  const changes = (before: RateLimit | undefined, after: RateLimit | undefined) => {
    const [old, now] = [before, after].map((rateLimit) => ({
      ...FRONTEND,
      ...(rateLimit === undefined ? {} : { rateLimit }),
    }));
    return compare([old ?? FRONTEND], [now ?? FRONTEND]).limits;
  };
  const many = Array.from({ length: 20 }, (_, index) => `10.${index}.0.0/16`);

  test("stay so when a limit comes", () => {
    expect(changes(undefined, limit(["10.1.0.0/16"]))).toEqual([
      "a client of `internal` is limited now: `9 connections at once`",
      "a client of `internal`: without limits stay `10.1.0.0/16`",
    ]);
    expect(changes(limit(["10.1.0.0/16"]), undefined)).toEqual([
      "a client of `internal` is limited no more: `9 connections at once`",
    ]);
  });

  test("come and go", () => {
    expect(changes(limit(many), limit(many.with(19, "10.64.0.0/10")))).toEqual([
      "a client of `internal`: without limits is now `10.64.0.0/10`",
      "a client of `internal`: without limits is no more `10.19.0.0/16`",
    ]);
  });

  test("may be written otherwise", () => {
    expect(changes(limit(["10.0.0.0/8"]), limit(["10.128.0.0/9", "10.0.0.0/9"]))).toEqual([]);
  });
});
