import { describe, expect, test } from "vitest";
import type { ProcessName } from "./running-node.js";
import type { Site } from "./site.js";
import { SOLO } from "./stacks.js";

const PROCESSES = 3_072;

/** Forks until it is refused, waits a while, and ends all that it made. */
const BOMB = `
import os, signal, time
made = []
try:
    while True:
        pid = os.fork()
        if pid == 0:
            signal.pause()
        made.append(pid)
except OSError as error:
    print(len(made), error.strerror, flush=True)
time.sleep(6)
for pid in made:
    os.kill(pid, signal.SIGKILL)
`;

export function limits(site: () => Site): void {
  const limitsOf = async (name: ProcessName) => {
    const { stdout } = await site().engine.run(["cat", `/proc/${(await site().solo.process(name)).pid}/limits`]);
    return stdout;
  };
  const memory = async () => (await site().solo.container.stats({ stream: false })).memory_stats;

  describe("limits", () => {
    test("daemons have the descriptors that connections need, and no more", async () => {
      expect(await limitsOf("haproxy worker")).toMatch(/^Max open files +20000 +20000 /m);
    });

    test("memory is limited to 1 GiB without swap", async () => {
      expect((await memory()).limit).toBe(1024 ** 3);
      const { HostConfig } = await site().solo.container.inspect();
      expect(HostConfig.MemorySwap).toBe(HostConfig.Memory);
    });

    test("a daemon's user that forks without end meets a limit, and the daemons answer", async () => {
      expect(await limitsOf("dnsdist")).toMatch(/^Max processes +3072 +3072 /m);
      // HAProxy itself takes it from its workers.
      expect(await limitsOf("haproxy worker")).toMatch(/^Max processes +0 +0 /m);
      const ended = site().solo.exec(["python3", "-c", BOMB], "dns-lb");
      let most = 0;
      let answered = 0;
      let running = true;
      const over = ended.finally(() => {
        running = false;
      });
      while (running) {
        most = Math.max(most, (await memory()).usage ?? 0);
        for (const transport of ["udp", "tcp"] as const) {
          if (!running) break;
          expect(await site().client.isAnswered(SOLO, transport, 2_000)).toBe(true);
          answered++;
        }
      }
      const { code, output } = await over;
      expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^\d+ Resource temporarily unavail/) });
      const made = Number.parseInt(output, 10);
      console.log(
        `${made} processes, ${Math.round(most / 1024 ** 2)} MiB in all, ${answered} queries answered meanwhile`,
      );
      expect(made).toBeGreaterThan(1_000);
      // The nodes of an engine share the number: the kernel counts by user.
      expect(made).toBeLessThan(PROCESSES - 3 * 20);
      expect(answered).toBeGreaterThan(4);
      const { RestartCount, State } = await site().solo.container.inspect();
      expect([RestartCount, State.OOMKilled]).toEqual([0, false]);
    });
  });
}
