import { expect, test } from "vitest";
import type { LoadReport } from "../../../lib/testing/index.js";
import { accountOf, type FlowReport } from "../../../tools/quickstart/traffic.js";

function flowWith(byAnswer: LoadReport["byAnswer"], changed: Partial<LoadReport> = {}): FlowReport {
  const answered = Object.values(byAnswer).reduce((sum, count) => sum + count, 0);
  return {
    side: {
      frontend: "internal",
      family: "IPv6",
      address: "fd53::53",
      client: "fd53::77",
      whoami: "whoami.dns-lb.test",
    },
    transport: "tcp",
    report: {
      ...{
        sent: answered,
        answered,
        lost: 0,
        late: 0,
        refused: 0,
        closed: 0,
        broken: 0,
        repeated: 0,
        byRcode: { NOERROR: answered },
        byAnswer,
      },
      ...{ longestGap: 0, slowest: 0, lostAt: [], startedAt: 0, knownUntil: 0, worstDelay: 3.7 },
      ...changed,
    },
  };
}

const POOL = ["resolver1", "resolver2"];

test("answers by the pool's servers are right", () => {
  expect(accountOf(flowWith({ resolver1: 4, resolver2: 5 }), POOL)).toEqual({
    ...{ frontend: "internal", family: "IPv6", address: "fd53::53", transport: "tcp", sent: 9, lost: 0, wrong: 0 },
    ...{ answers: { resolver1: 4, resolver2: 5 }, worstDelay: 4, lostAt: [] },
  });
});

test("fails when somebody else answers, or somebody with an error", () => {
  expect(accountOf(flowWith({ resolver1: 4, auth1: 2 }), POOL).wrong).toBe(2);
  expect(accountOf(flowWith({ resolver1: 4, "": 3 }), POOL).wrong).toBe(3);
});

test("lost queries are not wrong ones", () => {
  const account = accountOf(flowWith({ resolver1: 4 }, { sent: 6, lost: 2, lostAt: [10, 20] }), POOL);
  expect(account).toMatchObject({ sent: 6, lost: 2, wrong: 0, lostAt: [10, 20] });
});
