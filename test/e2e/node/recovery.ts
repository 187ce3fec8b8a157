import { describe, expect, test } from "vitest";
import { until } from "../run.js";
import { PROCESSES, type ProcessName, type RunningNode } from "./running-node.js";
import { createNode, load, type Site, VIRTUAL } from "./site.js";
import { SOLO } from "./stacks.js";

/** Seconds in which a node is whole again after any of its processes has died; machines of tests are busy. */
const WHOLE = 30;
/** Seconds in which both nodes are back after their engine. */
const BACK = 30;

export function recovery(site: () => Site): void {
  const release = async (node: RunningNode) => {
    const { output } = await node.exec(["readlink", "/var/lib/dns-lb/current"]);
    expect(output).toMatch(/^releases\/[0-9a-f]{16}$/);
    return output;
  };

  /** Kills a process and tells the seconds until another has its place and everything answers. */
  const killed = async (node: RunningNode, name: ProcessName, stopped: boolean) => {
    const victim = await node.process(name);
    if (stopped) await node.signal("STOP", victim);
    const started = performance.now();
    await node.signal("KILL", victim);
    await until(`another ${name}`, WHOLE, async () => {
      const now = (await node.named().catch(() => undefined))?.get(name);
      return now !== undefined && now.pid !== victim.pid && (await node.isComplete());
    });
    await until(`${node.name} ready`, WHOLE, async () => {
      return (await node.exec(["dns-lb-agent", "ready", "--timeout", "1"]).catch(() => undefined))?.code === 0;
    });
    await site().answering(VIRTUAL, WHOLE);
    return (performance.now() - started) / 1000;
  };

  describe("comes back unattended", () => {
    test.each(PROCESSES)("after %s was killed", async (name) => {
      const { holder } = await site().roles();
      const before = await release(holder);
      const seconds = await killed(holder, name, false);
      console.log(`${name}: whole again after ${seconds.toFixed(1)} s`);
      expect(seconds).toBeLessThan(WHOLE);
      expect(await release(holder)).toBe(before);
    });

    test.each<ProcessName>(["dnsdist", "haproxy worker"])("after %s hung and was killed", async (name) => {
      const { holder } = await site().roles();
      expect(await killed(holder, name, true)).toBeLessThan(WHOLE);
    });

    test("a daemon whose supervisor was killed is looked after again, and not started twice", async () => {
      const { lb1 } = site();
      const before = await lb1.process("haproxy master");
      await lb1.signal("KILL", await lb1.process("runsv haproxy"));
      await until("another supervisor", WHOLE, async () => (await lb1.named()).has("runsv haproxy"));
      const daemons = (await lb1.processes()).filter(({ words }) => words.startsWith("haproxy -W"));
      expect(daemons.map(({ pid }) => pid)).toContain(before.pid);
      await lb1.signal("KILL", before);
      await until("another haproxy", WHOLE, async () => (await lb1.named()).get("haproxy master")?.pid !== before.pid);
      await until("a complete node", WHOLE, () => lb1.isComplete());
    });

    test("a node that was restarted before it had any release, which it then takes", async () => {
      const single = await site().single();
      await site().solo.container.remove({ force: true, v: true });
      await site().engine.docker.getVolume("dns-lb-solo-state").remove();
      await createNode(single, "Solo");
      await site().solo.container.restart();
      expect(await load(single, "Solo")).toMatch(/^ready [0-9a-f]{16}$/m);
      await site().answering(SOLO, WHOLE);
    });

    test("after its container's first process was killed", async () => {
      const { solo } = site();
      const before = await release(solo);
      const [first] = await solo.processes();
      if (first === undefined) throw new Error("no process");
      await solo.signal("KILL", first);
      await until("the container's restart", WHOLE, async () => (await solo.container.inspect()).RestartCount > 0);
      await site().answering(SOLO, BACK);
      expect(await release(solo)).toBe(before);
    });

    test.each([
      ["was stopped", (engine: Drills) => engine.stopDaemon()],
      ["crashed", (engine: Drills) => engine.crash()],
      ["lost its power", (engine: Drills) => engine.powerCut()],
    ])("after its engine %s", async (_, end) => {
      const { engine, lb1, lb2, solo } = site();
      if (engine.own === undefined) throw new Error("not our own engine");
      const before = await Promise.all([lb1, lb2, solo].map(release));
      await end(engine.own);
      const started = performance.now();
      await engine.own.startDaemon();
      await Promise.all([VIRTUAL, SOLO].map((address) => site().answering(address, BACK)));
      const seconds = (performance.now() - started) / 1000;
      console.log(`answering ${seconds.toFixed(1)} s after the start of the engine`);
      expect(seconds).toBeLessThan(BACK);
      expect(await Promise.all([lb1, lb2, solo].map(release))).toEqual(before);
    });

    test("after the power went while a release came, on that one or the one before, and takes it then", async () => {
      const { engine, solo } = site();
      if (engine.own === undefined) throw new Error("not our own engine");
      const before = await release(solo);
      const next = await site().single({ secondServer: true });
      const since = Date.now() / 1000;
      // Its connection to the engine may never hear of the end.
      void load(next, "Solo").catch(() => undefined);
      const log = async () => (await solo.container.logs({ stdout: true, stderr: true, since })).toString();
      await until("the release on the node", BACK, async () => (await log()).includes("validated "));
      await engine.own.powerCut();
      await engine.own.startDaemon();
      await site().answering(SOLO, BACK);
      const after = await release(solo);
      expect(await load(next, "Solo")).toMatch(/^(ready|unchanged) [0-9a-f]{16}$/m);
      const last = await release(solo);
      expect(last).not.toBe(before);
      expect([before, last]).toContain(after);
      await site().answering(SOLO, WHOLE);
    });
  });
}

type Drills = NonNullable<Site["engine"]["own"]>;
