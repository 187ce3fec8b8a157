import { afterAll, beforeAll, expect } from "vitest";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { ServerNodes } from "./nodes.js";
import { AUTH1, AUTH2, app, testNsd } from "./transfer.js";

let nodes: ServerNodes;
/* Before 4.8, NSD resets connections that a process has accepted and not read when it gives way to the next. */
let resets = 0;
beforeAll(async () => {
  const versions = await installedVersions();
  resets = versions.nsd === "4.6" ? 6 : 0;
  nodes = new ServerNodes(versions);
  for (const node of app(1)) nodes.add(node);
  for (const node of app(1)) expect(await nodes.apply(node)).toMatchObject({ status: 0, stderr: "" });
  await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.1");
});
afterAll(() => nodes?.close());

testNsd(
  "a change of a zone reaches a primary and its secondary without a lost query, what NSD before 4.8 resets being asked again",
  async () => {
    const before = [nodes.pid("n1", "nsd"), nodes.pid("n2", "nsd")];
    const change = async (): Promise<void> => {
      for (const serial of [2, 3, 4]) {
        const [changed] = app(serial);
        expect(await nodes.apply(changed)).toMatchObject({ status: 0, stderr: "" });
        // What the agent called ready, the next query sees.
        expect(await nodes.dig(AUTH1, ["www.example.test"])).toBe(`192.0.2.${serial}`);
      }
    };
    const [primary, secondary] = await Promise.all([
      nodes.underLoad(AUTH1, "www.example.test", 8, change),
      nodes.underLoad(AUTH2, "www.example.test", 8, async () => {}),
    ]);
    expect(primary).toMatchObject({ lost: [], answers: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] });
    expect(secondary.lost).toEqual([]);
    expect(Math.max(primary.reset, secondary.reset)).toBeLessThanOrEqual(resets);
    expect(Math.min(primary.sent, secondary.sent)).toBeGreaterThan(500);
    await nodes.until(async () => (await nodes.dig(AUTH2, ["www.example.test"])) === "192.0.2.4");
    expect([nodes.pid("n1", "nsd"), nodes.pid("n2", "nsd")]).toEqual(before);
  },
);
