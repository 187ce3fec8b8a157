import { afterAll, beforeAll, expect } from "vitest";
import { DnsRecord } from "../../../lib/servers/dns-record.js";
import { NsdServer } from "../../../lib/servers/nsd-server.js";
import { UnboundServer, type UnboundServerProps } from "../../../lib/servers/unbound-server.js";
import { Zone } from "../../../lib/servers/zone.js";
import { installedVersions } from "../../../lib/testing/lab/versions.js";
import { type NodeUnderTest, nodesOf } from "../../../lib/testing/nodes-of.js";
import { FakeNode, newStack } from "../../constructs.js";
import { testWith } from "../config/daemon.js";
import { ServerNodes } from "./nodes.js";

const testUnbound = testWith("unbound", "unbound-checkconf", "unbound-control", "nsd", "dig", "ip", "unshare");
const RESOLVER = "10.97.0.3";
const AUTH = "10.97.0.4";
const NASTY = `it's "quoted" ; # $(x) \${y} %{z} \\ \n end`;

/** A resolver that forwards to an authoritative server, and that server. */
function app(local: number, props: Partial<UnboundServerProps> = {}): [NodeUnderTest, NodeUnderTest] {
  const stack = newStack();
  new UnboundServer(stack, "Resolver", {
    node: new FakeNode(stack, "R1", [RESOLVER]),
    allowFrom: ["10.97.0.50/32"],
    forwardTo: [{ address: AUTH }],
    dnssecValidation: false,
    localData: [
      DnsRecord.a({ name: "local.test", address: `192.0.2.${local}` }),
      DnsRecord.txt({ name: "nasty.test", text: NASTY }),
    ],
    ...props,
  });
  new NsdServer(stack, "Auth", {
    node: new FakeNode(stack, "A1", [AUTH]),
    zones: [
      Zone.fromRecords({
        name: "forward.example",
        records: [
          DnsRecord.ns({ name: "@", target: "ns.example.net." }),
          DnsRecord.a({ name: "www", address: "198.51.100.1" }),
        ],
      }),
    ],
  });
  const [resolver, auth] = nodesOf(stack);
  if (resolver === undefined || auth === undefined) throw new RangeError("no nodes");
  return [resolver, auth];
}

let nodes: ServerNodes;
beforeAll(async () => {
  nodes = new ServerNodes(await installedVersions());
});
afterAll(() => nodes?.close());

testUnbound(
  "a resolver forwards, answers by itself, changes without a lost query and refuses others",
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
    const load = await nodes.underLoad(RESOLVER, "local.test", 7, async () => {
      for (const local of [2, 3]) expect(await nodes.apply(app(local)[0])).toMatchObject({ status: 0, stderr: "" });
    });
    expect(load).toMatchObject({ lost: 0, answers: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] });
    expect(load.sent).toBeGreaterThan(500);
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
