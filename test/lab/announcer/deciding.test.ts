import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WatchCheck } from "../../../lib/model/manifest.js";
import {
  announcing,
  apply,
  ask,
  CHECKS,
  child,
  fails,
  group,
  mode,
  node,
  other,
  put,
  RULES,
  releaseOf,
  runs,
  status,
  told,
  until,
  uptime,
  watchdog,
  withAnnouncer,
} from "./announcer-node.js";

withAnnouncer();

/** Waits until another announcer has started its daemon. */
const again = (announcer: number) =>
  until(() => node.pid("bird") !== announcer && existsSync(join(node.run, "private/bird.ctl")));

describe("the announcer", () => {
  test("starts the daemon at the worst, and announces at the best once the node was well for a while", async () => {
    await announcing();
    expect(node.journal()).toEqual(["started 4 0", "told 4 0", "told 0 0"]);
    expect(await status()).toMatchObject({
      addresses: [],
      announcement: { kind: "announce", cost: 0, worstCost: 4, failures: [], taken: true, dampedSeconds: 0 },
      bgp: { sessions: [{ name: "router1", neighbor: "192.0.2.1", state: "Established", bfd: "Up", announced: 1 }] },
      words: [{ name: "b", age: null }],
    });
    const { stdout } = await node.agent("status");
    expect(stdout).toContain("announcement: cost 0 of 4\n");
    expect(stdout).toContain(
      "BGP router1, 192.0.2.1 AS 64500: Established since 2026-11-30 17:46:04.023, BFD Up, announced 1\n",
    );
    expect(stdout).toMatch(/node b at 127\.[\d.]+: never heard\n/);
  });

  test("withdraws, by the word of another node, what cannot be answered, and is the last resort without that word", async () => {
    const close = other({});
    try {
      await announcing();
      fails("dnsdist");
      await told("told 4 2");
      expect((await node.agent("status")).stdout).toContain("announcement: withdrawn (dnsdist fails)\n");
    } finally {
      close();
    }
    await told("told 4 0");
    fails("dnsdist", false);
    fails("haproxy");
    await told("told 3 0");
  });

  test("dies with its daemon, and the daemon with it", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird") ?? 0, child()];
    process.kill(daemon, "SIGKILL");
    await until(() => !runs(announcer));
    await again(announcer);
    await told("told 0 0");
    const [second, next] = [node.pid("bird") ?? 0, child()];
    process.kill(second, "SIGKILL");
    await until(() => !runs(next));
  });

  test("lets the daemon say goodbye when it is stopped", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird") ?? 0, child()];
    process.kill(announcer, "SIGTERM");
    await until(() => !runs(announcer) && !runs(daemon));
    expect(node.journal()).toContain("stopped");
  });

  test.each(["hang", "drip"])("ends a daemon whose control socket begins to %s, and decides meanwhile", async (how) => {
    await announcing();
    const daemon = child();
    mode(how);
    fails("haproxy");
    const state = () => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8"));
    await until(() => state().cost === 3 && state().taken === false);
    await until(() => !runs(daemon), 20_000);
    mode("");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test("ends a daemon that stands still", async () => {
    await announcing();
    const daemon = child();
    process.kill(daemon, "SIGSTOP");
    await until(() => !runs(daemon), 20_000);
    await told("told 0 0");
  });

  test("is killed while it stands still, and the daemon with it", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird") ?? 0, child()];
    process.kill(announcer, "SIGSTOP");
    const begun = performance.now();
    await until(() => !runs(announcer) && !runs(daemon));
    expect(performance.now() - begun).toBeGreaterThan(3_500);
    await again(announcer);
    expect(child()).not.toBe(daemon);
    await told("told 0 0");
  });

  test("stays where the machine has stood still", async () => {
    await announcing();
    const [announcer, daemon, guard] = [node.pid("bird") ?? 0, child(), watchdog()];
    for (const pid of [announcer, daemon, guard]) process.kill(pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    for (const pid of [guard, daemon, announcer]) process.kill(pid, "SIGCONT");
    fails("haproxy");
    await told("told 3 0");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([runs(announcer), runs(daemon), runs(guard)]).toEqual([true, true, true]);
  });

  test("is not without a watchdog, which outlives signals to all of its group", async () => {
    await announcing();
    const [announcer, guard] = [node.pid("bird") ?? 0, watchdog()];
    process.kill(guard, "SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([runs(announcer), runs(guard)]).toEqual([true, true]);
    process.kill(guard, "SIGKILL");
    await until(() => !runs(announcer));
    await again(announcer);
    const [second, next] = [node.pid("bird") ?? 0, watchdog()];
    process.kill(second, "SIGTERM");
    await until(() => !runs(second) && !runs(next));
  });

  test("goes on where nobody can read what the daemon says of its sessions", async () => {
    await announcing();
    mode("garbage");
    const daemon = child();
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(runs(daemon)).toBe(true);
    expect((await node.agent("status")).stdout).toContain("BGP: unknown\n");
    mode("");
    fails("haproxy");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test("tells the daemon again what it has refused, and says so", async () => {
    await announcing();
    mode("refuse");
    fails("haproxy");
    await until(() => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8")).problem !== "");
    const { stdout } = await node.agent("status");
    expect(stdout).toContain(
      "WARNING: that is not announced yet: bird does not take its configuration: 8002 Reading configuration from bird.conf; bird.conf:1:1 syntax error\n",
    );
    mode("");
    await until(() => node.journal().at(-1) === "told 3 0");
  });

  test.each<[string, (path: string) => void]>([
    ["is gone", () => {}],
    ["is empty", (path) => writeFileSync(path, "")],
    ["is no number", (path) => writeFileSync(path, "x1\n")],
    ["is another number", (path) => writeFileSync(path, "17\n")],
    ["is a FIFO", (path) => execFileSync("mkfifo", [path])],
    ["is a directory", (path) => mkdirSync(path)],
    ["is a link", (path) => symlinkSync("/proc/self/stat", path)],
  ])("takes a result as before that %s", async (_, spoil) => {
    await announcing();
    for (const name of ["check-dnsdist", "drain"]) {
      unlinkSync(join(node.run, name));
      spoil(join(node.run, name));
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(node.journal().at(-1)).toBe("told 0 0");
    for (const name of ["check-dnsdist", "drain"]) rmSync(join(node.run, name), { recursive: true, force: true });
    fails("dnsdist");
    await told("told 4 0");
  });

  test.each<[string, () => string]>([
    ["stands still", () => `${uptime() - 4}\n`],
    ["is of the future", () => `${uptime() + 1_000_000}\n`],
  ])("knows that nobody makes the checks where the heartbeat %s", async (_, text) => {
    await announcing();
    writeFileSync(join(node.dir, "silent"), "");
    await new Promise((resolve) => setTimeout(resolve, 500));
    put("watch", text());
    await told("told 1 0");
    expect((await node.agent("status")).stdout).toContain("announcement: cost 1 of 4 (nobody makes the checks)\n");
  });

  test("goes on by the rules of another release, without a restart or a withdrawal", async () => {
    await announcing();
    const [announcer, daemon] = [node.pid("bird"), child()];
    const { checks, ...rest } = RULES;
    const harder = { ...rest, checks: checks.map((each) => ({ ...each, cost: each.cost + 1 })) };
    const outcome = await apply(releaseOf({ mobility: group({ announcement: harder }) }), "another");
    expect(outcome).toMatchObject({ status: 0, stdout: expect.stringContaining("bird reloaded") });
    expect([node.pid("bird"), child()]).toEqual([announcer, daemon]);
    expect(node.journal().slice(3)).toEqual(["told 0 0"]);
    fails("haproxy");
    await told("told 4 0");
  });

  test("does not take a check for failed that a release brings, before there is a result", async () => {
    await announcing();
    const more: WatchCheck = { kind: "daemon", name: "dnsdist-2", check: ask };
    const announcement = {
      ...RULES,
      checks: [...RULES.checks, { name: "dnsdist-2", cost: 4, whenFailing: "withdraw" as const }],
    };
    const watch = { ...releaseOf().watch, checks: [...CHECKS, more] };
    fails("dnsdist-2");
    expect(await apply(releaseOf({ watch, mobility: group({ announcement }) }), "more")).toMatchObject({ status: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(node.journal().at(-1)).toBe("told 0 0");
    fails("dnsdist-2", false);
    await new Promise((resolve) => setTimeout(resolve, 300));
    fails("dnsdist-2");
    await told("told 4 0");
  });

  test("refuses a release that the daemon does not take, and stays at the one before", async () => {
    await announcing();
    const before = node.current();
    mode("refuse");
    const outcome = await apply(releaseOf(), "another");
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("bird does not take its configuration: 8002");
    expect(node.current()).toBe(before);
  });
});
