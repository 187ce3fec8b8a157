import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { INSTALLATION } from "../../lib/core/installation.js";
import { run } from "../../lib/diff/command.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, resolverPool, scratch } from "../constructs.js";

function synthesis(outstandingQueries: number): string {
  const outdir = mkdtempSync(join(scratch, "command-"));
  const stack = new TerraformStack(new App({ outdir }), "dns");
  const node = new FakeNode(stack, "Node", ["10.0.0.2"]);
  const pool = resolverPool(stack);
  const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", { node, outstandingQueries });
  loadBalancer.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  (stack.node.root as App).synth();
  return outdir;
}

function call(...words: string[]) {
  let [out, err] = ["", ""];
  const status = run(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { status, out, err };
}

const [one, other] = [synthesis(1_000), synthesis(2_000)];

test("the status is 0 where nothing restarts, and 2 where something does", () => {
  expect(call("diff", one, one)).toEqual({ status: 0, out: "## DNS load balancers: no change\n", err: "" });
  const { status, out, err } = call("diff", one, other);
  expect([status, err]).toEqual([2, ""]);
  expect(out).toContain("**no other node serves meanwhile**, which takes seconds");
});

test("--help and --version are answered", () => {
  expect(call("--help")).toMatchObject({ status: 0, err: "" });
  expect(call("--version")).toEqual({ status: 0, out: `${INSTALLATION.version}\n`, err: "" });
});

test.each([[], ["diff"], ["diff", "a"], ["diff", "a", "b", "c"], ["other", "a", "b"]])(
  "fails when called with %j",
  (...words) => {
    expect(call(...words)).toMatchObject({ status: 1, out: "" });
  },
);

test("fails when an option is unknown, or a folder is no synthesis", () => {
  expect(call("diff", one, other, "--fast")).toMatchObject({ status: 1, out: "" });
  expect(call("diff", join(one, "stacks"), other)).toMatchObject({
    status: 1,
    out: "",
    err: expect.stringContaining("is no output of a synthesis"),
  });
});

test("fails when a synthesis has no reviews, or those of another form", () => {
  const empty = mkdtempSync(join(scratch, "command-"));
  mkdirSync(join(empty, "stacks/dns"), { recursive: true });
  expect(call("diff", empty, one).err).toContain('has no stack with a folder "dns-lb"');
  mkdirSync(join(empty, "stacks/dns/dns-lb/dns"), { recursive: true });
  const file = join(empty, "stacks/dns/dns-lb/dns/model.json");
  writeFileSync(file, JSON.stringify({ schema: 9 }));
  expect(call("diff", empty, one).err).toContain("has the form 9, and this version compares 1");
  writeFileSync(file, "{");
  expect(call("diff", empty, one)).toMatchObject({
    status: 1,
    err: expect.stringContaining("model.json cannot be read"),
  });
});
