import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

/*
 * The clock on the wall may be set while a node serves. What it is good for is to tell people, and certificates, the time;
 * every duration, and every age that decides something, is measured by a clock that nobody sets.
 */

const root = join(dirname(AGENT), "dnslb_agent");
const modules = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".py"));
const textOf = (module: string) => readFileSync(join(root, module), "utf8");

/** Ways to read the clock on the wall. Of files' times it is only told, or compared, whether they are others than before. */
const WALL = /\btime\.(?:time(?:_ns)?|gmtime|localtime|ctime)\b|\bCLOCK_(?:REALTIME|TAI)|\bdatetime\b/g;

/** What modules read of it, and what for. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  // Whether they are valid.
  "certificates.py": ["time.time"],
  // Their days that are left.
  "nagios.py": ["time.time"],
  // When something happened, to be told.
  "last_change.py": ["time.time"],
  "log.py": ["time.gmtime"],
  "metrics/collector.py": ["time.time"],
  "top/observer.py": ["time.time"],
  // Which leftovers are old enough to go.
  "staging.py": ["time.time"],
};

test("only these modules read the clock on the wall", () => {
  const found = modules.flatMap((module) => {
    const read = textOf(module).match(WALL);
    return read === null ? [] : [[module, read]];
  });
  expect(Object.fromEntries(found)).toEqual(READERS);
});

describe("who decides what is announced", () => {
  const DECIDES = ["announcer.py", ...["announcement", "bgp", "rules", "words"].map((name) => `mobility/${name}.py`)];

  test.each(DECIDES)("%s has its time from clocks that only go forward", (module) => {
    const clocks = textOf(module).match(/\btime\.\w+|\bCLOCK_\w+/g) ?? [];
    expect([...new Set(clocks)].filter((clock) => clock !== "time.sleep")).toEqual([]);
  });

  test("its clock goes on while the machine sleeps", () => {
    expect(textOf("announcer_state.py").match(/\bCLOCK_\w+/g)).toEqual(["CLOCK_BOOTTIME"]);
  });
});
