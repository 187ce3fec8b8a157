import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

const python = (args: readonly string[], input = "") =>
  execFileSync("/usr/bin/python3", ["-B", ...args], {
    ...{ cwd: dirname(AGENT), encoding: "utf8", input, timeout: 280_000, stdio: ["pipe", "pipe", "pipe"] },
    env: { ...process.env, PYTHONPATH: dirname(AGENT) },
  });

/** What a node sees for a time, one decision every tenth of a second; what is left out is as before. */
interface Phase {
  readonly seconds: number;
  /** Checks that fail, or that cannot be read. */
  readonly failing?: readonly string[];
  readonly unreadable?: readonly string[];
  readonly watched?: boolean;
  /** By peer, as it says: `[announces, leaving, serves, cost, announced, pools]`; a peer that is silent is left out. */
  readonly peers?: Readonly<Record<string, readonly [boolean, boolean, boolean, number, number, readonly string[]]>>;
  readonly drain?: "yes" | "forced" | "no";
}

const PROGRAM = `
import json, sys
from dnslb_agent.mobility.announcement import *
given = json.load(sys.stdin)
daemon, pool = (WhenFailing(given["whenSick"][each]) for each in ("daemon", "pool"))
checks = {name: CheckRule(2, pool, True, 1.0) for name in ("pool", "second")} | {"front": CheckRule(3, daemon), "back": CheckRule(4, daemon)}
rules = Rules("b", checks, hold=5.0, damping=60.0, grace=5.0)
number, announcer, seen, state = 0, Announcer(rules, 0.0), [], {"watched": True, "peers": {}, "drain": "no", "failing": []}
beat, since = 0.0, 0.0
for phase in given["phases"]:
    before = state["drain"]
    state |= {"unreadable": []} | phase
    since = number / 10 if before == "no" else since
    for _ in range(round(phase["seconds"] * 10)):
        now = number / 10
        beat = now if state["watched"] else beat
        results = {name: None if name in state["unreadable"] else name in state["failing"] for name in checks}
        words = {peer: Word(now, *word[:-1], frozenset(word[-1])) for peer, word in state["peers"].items()}
        drain = None if state["drain"] == "no" else Drain(since, state["drain"] == "forced")
        said = announcer.decide(now, Sight(results, beat, words, drain))
        text = said.kind.value if said.kind is Kind.WITHDRAW else f"{said.kind.value} {said.cost}"
        if not seen or seen[-1][1] != text:
            seen.append((now, text))
        number += 1
word = announcer.word
own = [word.announces, word.leaving, word.serves, word.cost, word.announced, sorted(word.pools)]
print(json.dumps({"moves": [f"{now} {text}" for now, text in seen], "word": own}))
`;

/** The moves of a node in some phases, each as its time and what is announced then. */
function moves(phases: readonly Phase[], whenSick = { daemon: "withdraw", pool: "prepend" }): string[] {
  return JSON.parse(python(["-c", PROGRAM], JSON.stringify({ phases, whenSick }))).moves;
}

/** What a node says of itself to others at the end. */
function word(phases: readonly Phase[]): unknown {
  const whenSick = { daemon: "prepend", pool: "prepend" };
  return JSON.parse(python(["-c", PROGRAM], JSON.stringify({ phases, whenSick }))).word;
}

const POOLS = ["pool", "second"];
const well = [true, false, true, 0, 0, POOLS] as const;
const both = { a: well, c: well };
const prepend = { daemon: "prepend", pool: "prepend" };
/** A node that has been well for long enough. */
const risen: Phase = { seconds: 10, failing: [], peers: both };

describe("a node", () => {
  test("that starts beside others announces nothing until it has been well for a while", () => {
    const starting = { seconds: 2, unreadable: ["pool", "second", "front", "back"], peers: both };
    expect(moves([starting, risen])).toEqual(["0.0 withdraw", "6.9 announce 0"]);
    expect(moves([starting, risen], prepend)).toEqual(["0.0 announce 4", "6.9 announce 0"]);
  });

  test("that starts alone is announced at its worst, and after a while at its best", () => {
    expect(moves([{ seconds: 10 }])).toEqual(["0.0 announce 4", "5.0 announce 0"]);
  });

  test.each<[why: string, whenSick: typeof prepend, failing: string[], said: string]>([
    ["a daemon fails", { daemon: "withdraw", pool: "prepend" }, ["front"], "withdraw"],
    ["a pool fails", { daemon: "withdraw", pool: "prepend" }, ["pool"], "announce 2"],
    ["both fail", { daemon: "withdraw", pool: "prepend" }, ["pool", "back"], "withdraw"],
    ["a daemon fails", prepend, ["front"], "announce 3"],
    ["all fail", prepend, ["pool", "front", "back"], "announce 4"],
    ["a pool fails", { daemon: "prepend", pool: "withdraw" }, ["pool"], "withdraw"],
    ["a daemon fails", { daemon: "prepend", pool: "withdraw" }, ["front"], "announce 3"],
  ])("announces by its worst failure: if %s, by %j", (_, whenSick, failing, said) => {
    const [, risenAt, ...sick] = ["", ...moves([risen, { seconds: 3, failing }], whenSick).slice(-2)];
    expect(risenAt).toContain("announce 0");
    // A pool only after its patience.
    expect(sick).toEqual([`${failing.some((name) => name !== "pool") ? "10.0" : "11.0"} ${said}`]);
  });

  test("is announced at its best only after it was well for a while, and is sick at once", () => {
    const back = moves([
      risen,
      { seconds: 2, failing: ["front"] },
      { seconds: 3, failing: [] },
      { seconds: 1, failing: ["front"] },
      risen,
    ]);
    expect(back.slice(1)).toEqual(["5.0 announce 0", "10.0 withdraw", "21.0 announce 0"]);
  });

  test.each<[why: string, peers: NonNullable<Phase["peers"]>]>([
    ["no other is heard", {}],
    ["all others are as ill", { a: [true, false, false, 3, 3, POOLS], c: [true, false, false, 4, 4, []] }],
    ["no other announces", { a: [false, false, true, 0, 0, POOLS], c: [false, false, true, 0, 4, POOLS] }],
    ["all others are about to leave", { a: [true, true, true, 0, 0, POOLS], c: [true, true, true, 0, 0, POOLS] }],
  ])("stays as the last resort where %s", (_, peers) => {
    const sick = moves([risen, { seconds: 4, failing: [], peers }, { seconds: 5, failing: ["front"] }]);
    expect(sick.slice(2)).toEqual(["14.0 announce 3"]);
  });

  test("comes back when the one that was better is gone, and waits before it leaves again", () => {
    const lost = { seconds: 3, failing: ["front"], peers: {} };
    const sick = moves([
      risen,
      { seconds: 2, failing: ["front"] },
      lost,
      { seconds: 10, failing: ["front"], peers: both },
    ]);
    expect(sick.slice(2)).toEqual(["10.0 withdraw", "12.0 announce 3", "19.9 withdraw"]);
  });

  test("takes a check that cannot be read as before", () => {
    expect(moves([risen, { seconds: 2, unreadable: ["front"] }])).toHaveLength(2);
    expect(
      moves([risen, { seconds: 2, failing: ["front"] }, { seconds: 20, failing: [], unreadable: ["front"] }]).slice(2),
    ).toEqual(["10.0 withdraw"]);
  });

  test("whose checks nobody makes is the last resort among those that are well", () => {
    expect(moves([risen, { seconds: 5, watched: false }, { seconds: 10, watched: true }]).slice(2)).toEqual([
      "13.0 announce 1",
      "20.0 announce 0",
    ]);
  });

  test("does not move for a pool that is dead everywhere, or that others only have yet to notice", () => {
    const dead = [true, false, true, 0, 0, []] as const;
    const noticed = { seconds: 5, failing: ["pool"], peers: { a: dead, c: dead } };
    expect(moves([risen, { seconds: 0.8, failing: ["pool"] }, noticed])).toHaveLength(2);
    // They see it live again a little earlier.
    const recovering = [noticed, { seconds: 0.8, peers: both }, { seconds: 5, failing: [] }];
    expect(moves([risen, { seconds: 0.8, failing: ["pool"] }, ...recovering])).toHaveLength(2);
  });

  test("does not move for a pool where clients would lose another one", () => {
    const other = [true, false, true, 0, 0, ["pool"]] as const;
    expect(moves([risen, { seconds: 5, failing: ["pool"], peers: { a: other, c: other } }])).toHaveLength(2);
  });

  test("that moved three times stays at its worst, until that was long ago", () => {
    const flap: Phase[] = [
      { seconds: 1, failing: ["front"] },
      { seconds: 6, failing: [] },
    ];
    expect(moves([risen, ...flap, ...flap, ...flap, ...flap, { seconds: 90 }], prepend).slice(2)).toEqual([
      "10.0 announce 3",
      "15.9 announce 0",
      "17.0 announce 3",
      "77.0 announce 0",
    ]);
  });

  test("that stays at its worst is there at once when all others are ill", () => {
    const flap: Phase[] = [
      { seconds: 1, failing: ["front"] },
      { seconds: 6, failing: [] },
    ];
    const ill = [true, false, true, 2, 2, []] as const;
    const needed = { seconds: 2, failing: [], peers: { a: ill, c: ill } };
    expect(moves([risen, ...flap, ...flap, needed], prepend).at(-1)).toBe("24.0 announce 0");
  });
});

describe("the word of a node", () => {
  test.each<[why: string, phase: Phase, said: unknown]>([
    ["is well", { seconds: 4 }, [true, false, true, 0, 0, POOLS]],
    ["has no live server", { seconds: 4, failing: ["pool"] }, [true, false, true, 2, 2, ["second"]]],
    ["has a dead daemon", { seconds: 4, failing: ["front"] }, [true, false, false, 3, 3, POOLS]],
    ["has no checks", { seconds: 4, watched: false }, [true, false, false, 1, 1, POOLS]],
    ["is drained", { seconds: 4, drain: "yes" }, [true, true, true, 0, 0, POOLS]],
    ["has left", { seconds: 6, drain: "yes" }, [false, true, true, 0, 0, POOLS]],
  ])("that %s", (_, phase, said) => {
    expect(word([risen, phase])).toEqual(said);
  });

  test("tells its failures apart from what it has yet to prove", () => {
    const back = { seconds: 2, failing: [] };
    expect(word([risen, { seconds: 2, failing: ["front"] }, back])).toEqual([true, false, true, 0, 3, POOLS]);
  });
});

describe("a drained node", () => {
  const drained = (peers: Phase["peers"], drain: "yes" | "forced" = "yes") =>
    moves([risen, { seconds: 8, drain, ...(peers === undefined ? {} : { peers }) }]).slice(2);

  test("asks routers to leave it for a while, then withdraws, and returns from its worst", () => {
    const all = moves([risen, { seconds: 8, drain: "yes" }, { seconds: 10, drain: "no" }]);
    expect(all.slice(2)).toEqual(["10.0 graceful-shutdown 0", "15.0 withdraw", "18.0 announce 4", "23.0 announce 0"]);
  });

  test("does not withdraw as the last that serves, unless it is forced to", () => {
    const ill = [true, false, false, 4, 4, []] as const;
    const away = [false, false, true, 0, 0, POOLS] as const;
    for (const peers of [{}, { a: ill, c: ill }, { a: away, c: ill }]) {
      expect(drained(peers)).toEqual(["10.0 graceful-shutdown 0"]);
      expect(drained(peers, "forced")).toEqual(["10.0 graceful-shutdown 0", "15.0 withdraw"]);
    }
  });

  test("counts on another that leaves, too, only if that one waits for it", () => {
    const leaving = [true, true, true, 0, 0, POOLS] as const;
    expect(drained({ a: leaving })).toEqual(["10.0 graceful-shutdown 0"]);
    expect(drained({ c: leaving })).toEqual(["10.0 graceful-shutdown 0", "15.0 withdraw"]);
  });

  test("is not taken for an ill one, however often it is drained", () => {
    const again: Phase[] = [
      { seconds: 8, drain: "yes" },
      { seconds: 6, drain: "no" },
    ];
    expect(moves([risen, ...again, ...again, ...again]).at(-1)).toMatch(/announce 0$/);
  });
});

describe("groups of 3 to 16 nodes on 1 to 4 sites", () => {
  const model = (seed: number, runs: number) =>
    JSON.parse(python([join(__dirname, "announcement-model.py"), `${seed}`, `${runs}`]));

  test("never withdraw everywhere, lose no more than what ill nodes had, and come to rest", () => {
    const runs = model(38, 26);
    expect(runs).toHaveLength(26);
    const seen = new Set(runs.flatMap(({ faults }: { faults: object }) => Object.keys(faults)));
    expect([...seen].sort()).toEqual([
      "change",
      "cut",
      "daemon",
      "drain",
      "everywhere",
      "kill",
      "pool",
      "reload",
      "router",
      "watch",
    ]);
  }, 300_000);
});
