import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canIsolate, DnsdistNode, have, pause, waitFor } from "./dnsdist-node.js";
import { simple } from "./dnsdist-policy.js";

const possible = have("dnsdist", "dnsperf", "python3", "nsenter") && canIsolate();

describe.runIf(possible)("a running dnsdist", () => {
  const node = new DnsdistNode();
  beforeAll(() => node.start(simple([1, 2, 9]), 20));
  afterAll(() => node.stop());

  test("changes servers and 500 rules under load without losing a query", { timeout: 40_000 }, async () => {
    await waitFor(async () => Object.values(await node.states()).filter((state) => state === "up").length === 2);
    const before = await node.states();
    const file = join(node.releases.path, "queries");
    writeFileSync(file, "www.test A\n");
    // 500 a second: dnsdist's socket holds 512 queries where a host has the kernel's defaults, a second of them.
    const load = node.exec("dnsperf", "-s", "10.9.1.1", "-d", file, "-Q", "500", "-q", "1000", "-l", "11", "-t", "3");
    await pause(500);
    const seen: unknown[] = [];
    for (const [at, octets] of [
      [2, 3, 8, 9],
      [3, 4, 9],
      [1, 4, 9],
    ].entries()) {
      await node.change(simple(octets, at % 2 === 0 ? "leastOutstanding" : "roundRobin"));
      seen.push(Object.keys(await node.states()).join(" "));
      await pause(500);
      seen.push((await node.must("dnslb.tidy()")).trim());
    }
    const report = await load;
    const count = (what: string) => Number(new RegExp(`Queries ${what}: +(\\d+)`).exec(report)?.[1]);
    expect({ lost: count("lost"), completed: count("completed") }).toEqual({ lost: 0, completed: count("sent") });
    expect(count("sent")).toBeGreaterThan(4_000);
    expect(report).toMatch(/Response codes: +NOERROR \d+ \(100\.00%\)/);
    expect(before).toEqual({ s1: "up", s2: "up", s9: "down" });
    expect(seen).toEqual([
      "s2 s3 s8 s9",
      "ok tidy r2 removed=1",
      "s3 s4 s9",
      "ok tidy r3 removed=2",
      "s1 s4 s9",
      "ok tidy r4 removed=1",
    ]);
    expect((await node.queries())["s1"]).toBeGreaterThan(100);
  });
});
