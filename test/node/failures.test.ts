import { expect, test } from "vitest";
import type { DaemonWatch, PoolWatch } from "../../lib/model/manifest.js";
import { bySeverity, costOf, FAILURES, failureOf, WORST_COST } from "../../lib/node/failures.js";

const daemon = (service: string, name = service): DaemonWatch => ({
  ...{ kind: "daemon", name },
  check: { kind: "http", service, port: 80, path: "/" },
});
const pool: PoolWatch = {
  ...{ kind: "pool", name: "pool-a", peers: [], proof: "00".repeat(12), patience: 0 },
  alive: { kind: "dns", service: "dnsdist", port: 53, name: "a.", address: "127.0.0.1", proxyProtocol: false },
};

test("checks are sorted by what their failure means, and otherwise left in their order", () => {
  const checks = [daemon("nsd"), daemon("nsd", "nsd-2"), pool, daemon("haproxy"), daemon("dnsdist")];
  expect(bySeverity(checks).map(({ name }) => name)).toEqual(["dnsdist", "haproxy", "pool-a", "nsd", "nsd-2"]);
});

test("a check of a pool is no check of the daemon that is asked", () => {
  expect([pool, daemon("dnsdist"), daemon("nsd")].map(failureOf)).toEqual(["pools", "dnsdist", undefined]);
});

test("the costs of failures rise with their severity, each by one", () => {
  expect(FAILURES.map((failure) => [failure, costOf(failure)])).toEqual([
    ["drain", 1],
    ["dnsdist", 4],
    ["haproxy", 3],
    ["interfaces", 1],
    ["pools", 2],
    ["watch", 1],
  ]);
  expect([costOf(undefined), WORST_COST]).toEqual([1, 4]);
});
