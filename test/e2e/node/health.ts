import { describe, test } from "vitest";
import { until } from "../run.js";
import type { RunningNode } from "./running-node.js";
import type { Site } from "./site.js";

export function health(site: () => Site): void {
  const becomes = (node: RunningNode, wanted: string) =>
    until(`${node.name} ${wanted}`, 60, async () => (await node.health()) === wanted);

  describe("the health check", () => {
    test("is passed by nodes that answer", async () => {
      await Promise.all([site().lb1, site().lb2, site().solo].map((node) => becomes(node, "healthy")));
    });

    test("fails while a daemon hangs, or is dead and stays so, and is passed again afterwards", async () => {
      const { solo, lb2 } = site();
      const dnsdist = await solo.process("dnsdist");
      await solo.signal("STOP", dnsdist);
      await lb2.exec(["sv", "down", "/run/dns-lb-services/haproxy"]);
      await lb2.signal("KILL", await lb2.process("haproxy master"));
      await Promise.all([becomes(solo, "unhealthy"), becomes(lb2, "unhealthy")]);
      await solo.signal("CONT", dnsdist);
      await lb2.exec(["sv", "up", "/run/dns-lb-services/haproxy"]);
      await Promise.all([becomes(solo, "healthy"), becomes(lb2, "healthy")]);
    });
  });
}
