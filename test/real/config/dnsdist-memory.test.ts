import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DnsdistPolicy } from "../../../lib/config/dnsdist/index.js";
import { canIsolate, DnsdistNode, have, pause, waitFor } from "./dnsdist-node.js";
import { server, simple } from "./dnsdist-policy.js";

const possible = have("dnsdist", "python3", "nsenter") && canIsolate();

const SERVERS = 200;

/** A pool of many servers, which are all others than those with another weight. */
function weighing(weight: number): DnsdistPolicy {
  const servers = Array.from({ length: SERVERS }, (_, at) => {
    const name = `s${at}`;
    return { ...server(1, ["p", "p:all"], { weight, name }), id: name };
  });
  return { ...simple([], "leastOutstanding", 0), servers };
}

describe.runIf(possible)("the memory of a running dnsdist", () => {
  const node = new DnsdistNode();
  beforeAll(() => node.start(weighing(1), 0));
  afterAll(() => node.stop());

  const state = () => {
    const status = readFileSync(`/proc/${node.pid}/status`, "utf8");
    return {
      resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
      threads: Number(/Threads:\s+(\d+)/.exec(status)?.[1]),
      descriptors: readdirSync(`/proc/${node.pid}/fd`).length,
    };
  };

  async function replaceAll(weight: number): Promise<void> {
    await node.change(weighing(weight));
    await node.must("dnslb.tidy()");
  }

  test("is after changes of all servers what it was after the first", { timeout: 120_000 }, async () => {
    await replaceAll(2);
    await pause(3_000);
    const first = state();
    for (let weight = 3; weight <= 8; weight++) await replaceAll(weight);
    // The threads of servers end, and with them the last references, within seconds.
    await waitFor(async () => state().threads <= first.threads * 1.2 && state().resident <= first.resident * 1.2);
    const last = state();
    expect(last.resident / first.resident).toBeLessThan(1.2);
    expect(last.threads / first.threads).toBeLessThan(1.2);
    expect(last.descriptors / first.descriptors).toBeLessThan(1.2);
    expect(Object.keys(await node.table())).toHaveLength(SERVERS);
  });
});
