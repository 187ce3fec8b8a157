import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { WatchCheck } from "../../../lib/model/manifest.js";
import { withoutProgress } from "../../progress-lines.js";
import {
  announcing,
  apply,
  ask,
  CHECKS,
  fails,
  group,
  mode,
  node,
  other,
  RULES,
  releaseOf,
  told,
  until,
  withAnnouncer,
} from "./announcer-node.js";

withAnnouncer();

describe("a drain of a node that announces", () => {
  test("asks routers to leave it, withdraws, and says so when they know nothing of it", async () => {
    const close = other({});
    try {
      await announcing();
      mode("keeps");
      let ended = false;
      const drained = node.start("drain").outcome.finally(() => {
        ended = true;
      });
      await told("told 0 2");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(ended).toBe(false);
      mode("");
      const { status, stdout, stderr } = await drained;
      expect({ status, stdout }).toEqual({ status: 0, stdout: "node drained\n" });
      expect(stderr).toMatch(/^waiting until routers have left the node \(at most [\d.]+ s\): .*$/m);
      expect(withoutProgress(stderr)).toBe("");
      expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2"]);
      expect((await node.agent("status")).stdout).toContain("announcement: withdrawn (drained)\n");
      // What has left stays away when the announcer is started again, however long it would ask routers.
      const longer = group({ announcement: { ...RULES, grace: 60_000 } });
      expect(await apply(releaseOf({ mobility: longer }), "longer")).toMatchObject({ status: 0 });
      const announcer = node.pid("bird") ?? 0;
      process.kill(announcer, "SIGKILL");
      await until(
        () =>
          node.pid("bird") !== announcer && node.journal().filter((each) => each.startsWith("started")).length === 2,
      );
      await until(() => node.journal().at(-1)?.endsWith(" 2") === true, 20_000);
      expect((await node.agent("undrain")).stdout).toBe("node undrained\n");
      await told("told 0 0");
    } finally {
      close();
    }
  });

  test("fails when no other node serves, and changes nothing, unless it is forced to", async () => {
    await announcing();
    const refused = await node.start("drain").outcome;
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^asking whether another node serves \(at most 3 s\)$/m);
    expect(withoutProgress(refused.stderr)).toMatch(
      /^dns-lb-agent: no other node of the group serves: node b at \S+: never heard; nothing was changed; --force drains it all the same, and queries are lost then\n$/,
    );
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("0\n");
    expect(node.journal()).toHaveLength(3);
    expect(await node.agent("drain", "--force")).toMatchObject({ status: 0, stdout: "node drained\n" });
    expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2"]);
    // Also after a restart of the node.
    rmSync(join(node.run, "drain"));
    const announcer = node.pid("bird") ?? 0;
    process.kill(announcer, "SIGKILL");
    await until(() => existsSync(join(node.run, "drain")));
    expect(readFileSync(join(node.run, "drain"), "utf8")).toBe("2\n");
  });

  test("fails when no other node has a live server of what lives here, and not of what is dead here, too", async () => {
    const alive: WatchCheck = {
      ...{ kind: "pool", name: "pool-a", alive: ask, peers: [], compared: false, patience: 100 },
      proof: "00".repeat(17),
    };
    const rule = { name: "pool-a", cost: 2, whenFailing: "prepend" } as const;
    const watch = { ...{ interval: 200, timeout: 400, fall: 2, rise: 2 }, checks: [...CHECKS, alive] };
    const announcement = { ...RULES, checks: [...RULES.checks, rule], grace: 4_100 };
    let close = other({ pools: [] });
    try {
      fails("pool-a", false);
      await announcing(releaseOf({ watch, mobility: group({ announcement }) }));
      const { status, stderr } = await node.agent("drain");
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          "dns-lb-agent: no other node of the group serves all that lives here: of node b no live server is known of pool-a; nothing was changed; --force drains it all the same, and queries are lost then\n",
      });
      expect(node.journal()).toHaveLength(3);
      fails("pool-a");
      expect(await node.agent("drain")).toMatchObject({ status: 0, stdout: "node drained\n" });
      expect((await node.agent("undrain")).stdout).toBe("node undrained\n");
      close();
      close = other({ pools: ["pool-a"] });
      fails("pool-a", false);
      expect(await node.agent("drain")).toMatchObject({ status: 0, stdout: "node drained\n" });
    } finally {
      close();
    }
  });

  test("counts on a node that leaves, too, if its name is the later one", async () => {
    const close = other({ leaving: true });
    try {
      await announcing();
      expect(await node.agent("drain")).toMatchObject({ status: 0, stdout: "node drained\n", stderr: "" });
    } finally {
      close();
    }
  });

  test("is over at once after a boot, when another node serves", async () => {
    const close = other({});
    try {
      await announcing();
      expect(await node.agent("drain")).toMatchObject({ status: 0 });
      const longer = group({ announcement: { ...RULES, grace: 60_000 } });
      expect(await apply(releaseOf({ mobility: longer }), "longer")).toMatchObject({ status: 0 });
      const announcer = node.pid("bird") ?? 0;
      process.kill(announcer, "SIGKILL");
      for (const name of ["private/announcer.json", "drain"]) rmSync(join(node.run, name), { force: true });
      await until(() => node.journal().filter((each) => each.startsWith("started")).length === 2);
      await until(() => node.journal().at(-1)?.endsWith(" 2") === true, 10_000);
    } finally {
      close();
    }
  });

  test("fails when the node that serves is gone before it was left", async () => {
    const close = other({});
    await announcing();
    const drained = node.agent("drain");
    await told("told 0 1");
    close();
    const { status, stderr } = await drained;
    expect({ status, stderr: withoutProgress(stderr) }).toEqual({
      status: 1,
      stderr: "dns-lb-agent: drained, but no other node of the group serves\n",
    });
    expect(node.journal().at(-1)).toBe("told 0 1");
  });

  test("counts on no node that no router has", async () => {
    const close = other({ announces: false });
    try {
      await announcing();
      expect((await node.agent("drain")).stderr).toContain("serves, announced to nobody");
    } finally {
      close();
    }
  });
});
