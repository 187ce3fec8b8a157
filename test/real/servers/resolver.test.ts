import { afterAll, beforeAll, expect } from "vitest";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { ServerNodes } from "./nodes.js";
import { app, RESOLVER, testUnbound } from "./resolver.js";

let nodes: ServerNodes;
beforeAll(async () => {
  nodes = new ServerNodes(await installedVersions());
});
afterAll(() => nodes?.close());

testUnbound(
  "a resolver forwards, answers by itself, changes without a restart and refuses others",
  async () => {
    const [resolver, auth] = app(1);
    for (const node of [resolver, auth]) {
      nodes.add(node);
      expect(await nodes.apply(node)).toMatchObject({ status: 0, stderr: "" });
    }
    expect(await nodes.dig(RESOLVER, ["www.forward.example"])).toBe("198.51.100.1");
    expect(await nodes.dig(RESOLVER, ["+tcp", "www.forward.example"])).toBe("198.51.100.1");
    expect(await nodes.dig(RESOLVER, ["nasty.test", "TXT"])).toBe(
      `"it's \\"quoted\\" \\; # $(x) \${y} %{z} \\\\ \\010 end"`.replace("\\;", ";"),
    );
    expect(await nodes.dig(RESOLVER, ["+noshort", "+noall", "+comments", "local.test"], "a1")).toContain("REFUSED");

    const before = nodes.pid("r1", "unbound");
    for (const local of [2, 3]) {
      expect(await nodes.apply(app(local)[0])).toMatchObject({ status: 0, stderr: "" });
      await nodes.until(async () => (await nodes.dig(RESOLVER, ["local.test"])) === `192.0.2.${local}`);
    }
    expect(nodes.pid("r1", "unbound")).toBe(before);
  },
  90_000,
);

testUnbound(
  "fails when unbound refuses, with its words; the PROXY protocol restarts it and is asked by it",
  async () => {
    const [resolver] = app(3);
    const spec = nodes.specOf(resolver);
    const files = spec.files.map((file) => ({
      ...file,
      content: file.content.replace("num-threads: 2", "num-threads: x"),
    }));
    const refused = await nodes.apply(resolver, undefined, { ...spec, files });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("unbound/unbound.conf:");
    expect(await nodes.dig(RESOLVER, ["local.test"])).toBe("192.0.2.3");

    const [proxied] = app(4, { clientAddress: "proxy-protocol" });
    const outcome = await nodes.apply(proxied);
    expect(outcome).toMatchObject({ status: 0, stdout: expect.stringContaining("unbound restarted"), stderr: "" });
    expect(await nodes.dig(RESOLVER, ["local.test"])).toContain("timed out");
    expect((await nodes.agent("r1", "ready")).status).toBe(0);
  },
  60_000,
);
