import { expect, test } from "vitest";
import { merged, recordOf, recordOfMoves, showAnycast } from "./record.js";
import { account, event, flow } from "./samples.js";

test("a record has the worst of all runs, of failures and returns, without what connections lose that are kept", () => {
  const flows = [
    flow({ lost: 3 }),
    flow({ way: "kept tcp", lost: 9, repeated: 9 }),
    flow({ way: "new tls", repeated: 2 }),
  ];
  const accounts = [
    ...[account({ outage: 300, flows }), account({ outage: 400 })],
    account({ part: "return", flows: [flow({ way: "new tcp", sent: 50, repeated: 1 })] }),
  ];
  expect(recordOf([event({ within: 500 }), event({ name: "another" })], accounts)).toEqual([
    { event: "event", runs: 2, within: 500, outage: 400, lost: 3, sent: 200, again: 2, connections: 100 },
    { event: "event, return", runs: 1, outage: 0, lost: 0, sent: 50, again: 1, connections: 50 },
  ]);
});

test("what is recorded anew takes the place of what there was, and the rest stays", () => {
  const [dead] = recordOf([event({ judgesMoves: true })], [account({ flows: [flow({ wrong: 7 })] })]);
  const [moved] = recordOfMoves("move", [{ flows: [flow()] }]);
  if (dead === undefined || moved === undefined) throw new Error("nothing is recorded");
  const first = merged(undefined, [dead, moved]);
  const second = merged(first, [{ ...dead, runs: 10 }]);
  expect(second.events).toEqual([{ ...dead, runs: 10 }, moved]);
  expect(showAnycast(second)["anycast.events"]).toBe(
    [
      "event  runs  ms promised  ms  lost   opened again",
      "event    10            -   -  -      0/0",
      "move      1            -   0  0/100  0/0",
    ].join("\n"),
  );
  expect(showAnycast(undefined)).toEqual({ "anycast.events": "No run is recorded yet." });
});
