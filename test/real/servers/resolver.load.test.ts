import { afterAll, beforeAll, expect } from "vitest";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { ServerNodes } from "./nodes.js";
import { app, RESOLVER, testUnbound } from "./resolver.js";

let nodes: ServerNodes;
beforeAll(async () => {
  nodes = new ServerNodes(await installedVersions());
  for (const node of app(1)) {
    nodes.add(node);
    expect(await nodes.apply(node)).toMatchObject({ status: 0, stderr: "" });
  }
});
afterAll(() => nodes?.close());

testUnbound("a resolver changes without a lost query", async () => {
  const before = nodes.pid("r1", "unbound");
  const load = await nodes.underLoad(RESOLVER, "local.test", 7, async () => {
    for (const local of [2, 3]) expect(await nodes.apply(app(local)[0])).toMatchObject({ status: 0, stderr: "" });
  });
  expect(load).toMatchObject({ lost: [], reset: 0, answers: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] });
  expect(load.sent).toBeGreaterThan(500);
  expect(nodes.pid("r1", "unbound")).toBe(before);
});
