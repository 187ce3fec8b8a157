import { describe, expect, test } from "vitest";
import { until } from "../run.js";
import { type Site, VIRTUAL } from "./site.js";

/** What a deployment gives a node until it is killed, in seconds. */
const GRACE = 15;

export function stop(site: () => Site): void {
  describe("a node that is told to stop", () => {
    test("hands its virtual addresses over first, and ends all daemons in time", async () => {
      const { holder, other } = await site().roles();
      const before = Math.floor(Date.now() / 1000) - 1;
      const started = performance.now();
      let lost = 0;
      let stopped = false;
      const asked = (async () => {
        for (let asked = 1; ; asked++) {
          if (!(await site().client.isAnswered(VIRTUAL, "udp"))) lost++;
          if (stopped) return asked;
        }
      })();
      await holder.container.stop({ t: GRACE });
      const seconds = (performance.now() - started) / 1000;
      stopped = true;
      console.log(`stopped in ${seconds.toFixed(1)} s, ${lost} of ${await asked} queries lost`);
      expect(await other.holds(VIRTUAL)).toBe(true);
      const { State } = await holder.container.inspect();
      // 137 is what is left of one that was killed.
      expect(State.ExitCode).toBe(0);
      expect(seconds).toBeLessThan(GRACE);
      expect(lost).toBeLessThan(5);
      const log = (await holder.container.logs({ stdout: true, stderr: true, since: before })).toString();
      const order = ["node drained", "Stopped Keepalived"].map((words) => log.indexOf(words));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
      expect(log).not.toContain("not all daemons ended in time");
    });

    test("comes back when it is started, and takes nothing back", async () => {
      const { lb1, lb2 } = site();
      const running = await Promise.all([lb1, lb2].map(async (node) => (await node.container.inspect()).State.Running));
      const [gone, other] = running[0] === true ? [lb2, lb1] : [lb1, lb2];
      await gone.container.start();
      await until(`${gone.name} with all its processes`, 30, () => gone.isComplete());
      await until(`${gone.name} ready`, 30, async () => (await gone.exec(READY)).code === 0);
      expect((await site().roles()).holder.name).toBe(other.name);
    });
  });
}

const READY = ["dns-lb-agent", "ready", "--timeout", "1"];
