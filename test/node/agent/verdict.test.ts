import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

describe("a judgement", () => {
  /**
   * What it is after each result: `+` passed, `=` passed because nothing would be gained, `-` failed, `?` failed by the peer's
   * word alone, `~` the same with a patience of 0.5 s of its own; one every 100 ms.
   */
  const judged = (results: string, patience = 0.3) => {
    const program = `
import sys
from dnslb_agent.verdict import FAILED, FAILED_UNPROVED, PASSED, PASSED_NOTHING_GAINED, CheckState
state = CheckState(False, fall=2, rise=2, patience=float(sys.argv[2]))
for number, result in enumerate(sys.argv[1]):
    state.update({"+": PASSED, "=": PASSED_NOTHING_GAINED, "-": FAILED, "?": FAILED_UNPROVED, "~": FAILED_UNPROVED._replace(patience=0.5)}[result], number / 10)
    print("x" if state.failing else ".", end="")`;
    const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
    return execFileSync("/usr/bin/python3", ["-B", "-c", program, results, String(patience)], options);
  };

  test.each([
    ["turns after two failures in a row, and back after two successes", "+-+--+-++", "....xxxx."],
    ["waits where nothing is proved, and does not forget while it waits", "+?????++", "....xxx."],
    ["waits anew after a success", "??+?????", "......xx"],
    ["needs no patience where all is proved", "?--", "..x"],
    ["needs it where both were ill before, whom recovery reaches one after the other", "==----", ".....x"],
    ["needs it no more when it was well in between", "==+--", "....x"],
    ["does not take one answer that is missing for the peer's illness", "+=--", "...x"],
    ["is back when the peer is as ill", "--==", ".xx."],
    ["waits as long as a result says, if that is longer", "+~~~~~~~", "......xx"],
    ["waits until then where only some results say so", "+?~~~~~~", "......xx"],
  ])("%s", (_, results, states) => {
    expect(judged(results)).toBe(states);
  });
});
