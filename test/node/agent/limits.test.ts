import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeNode, manifest, service, until } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const given = (settings: Readonly<Record<string, string>>) =>
  node.bundle(manifest({ services: [service({ settings })] }));

describe("a release", () => {
  test.each<[what: string, settings: Readonly<Record<string, string>>, message: RegExp]>([
    [
      "descriptors",
      { descriptors: "99999999" },
      /^unbound: needs 99999999 descriptors for its connections, and this node grants \d+: set a smaller 'maxConnections', or/,
    ],
    [
      "processors",
      { processors: "9999" },
      /^unbound: is to use 9999 processors, and this node may use \d+: set 'processors' to that, or leave it out$/m,
    ],
    [
      "memory",
      { memory: String(2 ** 50) },
      /^unbound: is planned for 1073741824 MiB of memory, and this node has \d+ MiB: set a smaller 'memory'$/m,
    ],
  ])("fails when it needs more %s than the node has", async (_, settings, message) => {
    const { status, stderr } = await node.agent("validate", given(settings));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/refused by unbound; nothing was changed\n$/);
    expect(status).toBe(1);
  });

  test("fails when a limit is no number", async () => {
    const { stderr } = await node.agent("validate", given({ descriptors: "many" }));
    expect(stderr).toBe("dns-lb-agent: manifest.json: descriptors of unbound must be a number, got 'many'\n");
  });

  test("that says nothing of them, or little, is taken", async () => {
    expect(await node.agent("validate", given({}))).toMatchObject({ status: 0 });
    const little = { descriptors: "1", processors: "1", memory: "1" };
    expect(await node.agent("validate", given(little))).toMatchObject({ status: 0 });
  });
});

test("a daemon has the descriptors that its release says, and may take more", async () => {
  expect(await node.agent("apply", given({ descriptors: "777" }))).toMatchObject({ status: 0 });
  node.supervise("unbound");
  const limits = () => readFileSync(`/proc/${node.pid("unbound")}/limits`, "utf8");
  await until(() => node.pid("unbound") !== undefined && /^Max open files +777 +(?!777 )/m.test(limits()));
});
