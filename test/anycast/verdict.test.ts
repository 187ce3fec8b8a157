import { expect, test } from "vitest";
import type { Account } from "./account.js";
import type { Event } from "./event.js";
import { account, event, flow } from "./samples.js";
import { boundsOf } from "./verdict.js";

const kept = (one: Event, ...accounts: readonly Account[]) => boundsOf([one], accounts).map((bound) => bound.kept);

test("takes the worst of all runs of an event", () => {
  const killed = event({ within: 500, ownShare: true });
  expect(boundsOf([killed], [account({ outage: 400 }), account({ outage: 500 })])).toMatchObject([
    { name: "event: without service", limit: { atMost: 500 }, seen: 500, kept: true },
    { name: "event: lost beyond its share", seen: 0, kept: true },
  ]);
  expect(kept(killed, account(), account({ outage: 501 }))).toEqual([false, true]);
  expect(kept(killed, account({ beyondShare: 1 }), account())).toEqual([true, false]);
});

test("wants no new query lost or answered wrongly where nothing may be, and leaves kept connections out", () => {
  const drained = event({});
  expect(kept(drained, account({ flows: [flow(), flow({ way: "kept tcp", lost: 3 })] }))).toEqual([true]);
  expect(kept(drained, account(), account({ flows: [flow({ way: "new tls", lost: 1 })] }))).toEqual([false]);
  expect(kept(drained, account({ flows: [flow({ wrong: 1 })] }))).toEqual([false]);
});

test("judges returns by themselves", () => {
  const killed = event({ within: 500, recover: async () => {} });
  const back = account({ part: "return", flows: [flow({ lost: 1 })] });
  expect(boundsOf([killed], [account(), back])).toMatchObject([
    { name: "event: without service", kept: true },
    { name: "event, return: new queries lost", seen: 1, kept: false },
  ]);
});

test("judges moves of announcements where answers are errors all the same", () => {
  const dead = event({ judgesMoves: true });
  const moved = account({ moves: { node1: 1, node2: 1 }, flows: [flow({ wrong: 100 })] });
  expect(kept(dead, moved)).toEqual([true, true]);
  expect(kept(dead, account({ moves: { node1: 2 } }))).toEqual([true, false]);
  expect(kept(dead, account({ withdrawals: 1 }))).toEqual([false, true]);
});

test("keeps no bound that was not measured", () => {
  expect(kept(event({ within: 500 }))).toEqual([false]);
  expect(kept(event({}))).toEqual([false]);
  expect(kept(event({}), account({ flows: [flow({ sent: 0 })] }))).toEqual([false]);
});
