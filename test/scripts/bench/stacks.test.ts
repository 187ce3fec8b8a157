import { expect, test } from "vitest";
import { flameGraph, framesOf } from "../../../scripts/bench/flame-graph.js";
import { foldedStacks, hottest } from "../../../scripts/bench/stacks.js";

const PERF = `dnsdist/udp
	    55d0c1 [unknown] (/usr/bin/dnsdist)
	    7f1e31 start_thread (/usr/lib/x86_64-linux-gnu/libc.so.6)

dnsdist/udp
	ffffffff81 __sys_recvmsg ([kernel.kallsyms])
	    7f1e55 recvmsg (/usr/lib/x86_64-linux-gnu/libc.so.6)
	    55d0c1 [unknown] (/usr/bin/dnsdist)
	    7f1e31 start_thread (/usr/lib/x86_64-linux-gnu/libc.so.6)

dnsdist/udp
	    55d0c9 [unknown] (/usr/bin/dnsdist)
	    7f1e31 start_thread (/usr/lib/x86_64-linux-gnu/libc.so.6)
`;

test("what perf prints is counted by stack, the outermost function first", () => {
  expect(foldedStacks(PERF)).toEqual([
    { frames: ["dnsdist/udp", "start_thread", "[dnsdist]"], count: 2 },
    { frames: ["dnsdist/udp", "start_thread", "[dnsdist]", "recvmsg", "__sys_recvmsg"], count: 1 },
  ]);
});

test("functions are shown by the time in themselves", () => {
  expect(hottest(foldedStacks(PERF))).toMatchInlineSnapshot(`
    "% itself  % with callees  function
    66.7      100.0           [dnsdist]
    33.3      33.3            __sys_recvmsg"
  `);
});

test("frames of a flame graph are as wide as what they call", () => {
  expect(framesOf(foldedStacks(PERF)).map(({ name, start, end }) => [name, start, end])).toEqual(
    expect.arrayContaining([
      ["dnsdist/udp", 0, 3],
      ["start_thread", 0, 3],
      ["[dnsdist]", 0, 3],
      ["recvmsg", 2, 3],
      ["__sys_recvmsg", 2, 3],
    ]),
  );
});

test("frames with other callers stay apart", () => {
  const stacks = [
    { frames: ["a", "x"], count: 1 },
    { frames: ["b", "x"], count: 2 },
  ];
  expect(framesOf(stacks).filter(({ name }) => name === "x")).toEqual([
    { name: "x", depth: 1, start: 0, end: 1 },
    { name: "x", depth: 1, start: 1, end: 3 },
  ]);
});

test("a flame graph is a picture", () => {
  const svg = flameGraph(foldedStacks(PERF), "shipped, udp");
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain("shipped, udp");
  expect(svg).toContain("start_thread");
});

test("a stack that was read wrongly makes no picture of any height", () => {
  const endless = { frames: Array.from({ length: 500 }, (_, index) => `f${index}`), count: 1 };
  const [, height] = /<svg [^>]*height="(\d+)"/.exec(flameGraph([endless], "endless")) ?? [];
  expect(Number(height)).toBeLessThan(1_000);
});
