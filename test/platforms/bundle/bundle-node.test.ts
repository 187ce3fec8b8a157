import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { ResolverPool } from "../../../lib/dns/resolver-pool.js";
import { Secret } from "../../../lib/dns/secret.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { BundleNode } from "../../../lib/platforms/bundle/bundle-node.js";
import { hostFiles } from "../../../lib/platforms/host/host-files.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { newStack, problemsAtSynthesis, refusal, resolverPool, scratch } from "../../constructs.js";

const allowFrom = ["10.0.0.0/8"];

function balanced(stack: TerraformStack, password: Secret): TerraformStack {
  const node = new BundleNode(stack, "Lb1", { address: "10.0.0.2" });
  const statistics = { user: "ops", address: "10.0.0.2", password };
  new StandaloneLoadBalancer(stack, "Dns", { node, statistics }).addDnsFrontend("Internal", {
    pool: resolverPool(stack),
    allowFrom,
  });
  return stack;
}

describe("a bundle", () => {
  const outdir = mkdtempSync(join(scratch, "bundle-"));
  const stack = balanced(new TerraformStack(new App({ outdir }), "dns"), Secret.fromNodeFile("/etc/dns-lb/password"));
  const read = (name: string) => readFileSync(join(outdir, "stacks", "dns", "bundles", name), "utf8");

  test("is written at synthesis, and is the release that the node is known to get", () => {
    App.of(stack).synth();
    const [node] = nodesOf(stack);
    expect(JSON.parse(read("lb1.json"))).toEqual({
      files: Object.fromEntries(node?.files ?? []),
      nodeFiles: { "secrets/statistics-password": "/etc/dns-lb/password" },
    });
    expect(read("lb1.txt")).toBe('sh bootstrap --debian 13 --daemons "haproxy dnsdist"\n');
  });

  test("is the same the second time", () => {
    App.of(stack).synth();
    const before = read("lb1.json");
    App.of(stack).synth();
    expect(read("lb1.json")).toBe(before);
  });

  test("comes with what makes a host a node", () => {
    App.of(stack).synth();
    const folder = join(outdir, "unpacked");
    execFileSync("sh", [join(outdir, "stacks", "dns", "bundles", "host.sh"), folder]);
    for (const { path, content } of hostFiles()) expect(readFileSync(join(folder, path), "utf8"), path).toBe(content);
    expect(readdirSync(folder)).toContain("bootstrap");
  });
});

test("a secret that is not on the host is refused", () => {
  expect(problemsAtSynthesis(balanced(newStack(), Secret.fromLocalFile("password")))).toContain(
    "[prod/Lb1] would have a secret in its bundle, that of secrets/statistics-password; use Secret.fromNodeFile()",
  );
});

test("two bundles of one name in a stack are refused", () => {
  const stack = newStack();
  for (const [id, address] of [
    ["One", "10.0.0.2"],
    ["Two", "10.0.0.3"],
  ] as const) {
    const node = new BundleNode(stack, id, { address, name: "lb1" });
    new StandaloneLoadBalancer(stack, `${id}Dns`, { node }).addDnsFrontend("Internal", {
      pool: new ResolverPool(stack, `${id}Pool`, { servers: [{ name: "a", address: "192.168.1.10" }] }),
      allowFrom,
    });
  }
  expect(problemsAtSynthesis(stack)).toContain(
    "[prod/Two] 'name' must be unique among the bundles of a stack, got \"lb1\", the name of prod/One too",
  );
});

test("a node that nothing runs on is refused", () => {
  const stack = newStack();
  new BundleNode(stack, "Lb1", { address: "10.0.0.2" });
  expect(problemsAtSynthesis(stack)).toContain("[prod/Lb1] runs nothing");
});

test("its addresses are checked as those of other hosts", () => {
  expect(refusal(() => new BundleNode(newStack(), "Lb1", {}))).toContain(
    "[prod/Lb1] 'address' is required: an IPv4 address; or give 'address6' alone",
  );
});
