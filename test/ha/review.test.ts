import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { expect, test } from "vitest";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, refusal, resolverPool, scratch } from "../constructs.js";

interface Plan {
  readonly outdir?: string;
  readonly context?: Record<string, unknown>;
  /** The ids of the load balancers of each stack. */
  readonly stacks?: Readonly<Record<string, readonly string[]>>;
  /** The ids of constructs, each with the load balancers of a stack below it. */
  readonly above?: readonly string[];
  /** The ids of resolvers in the first stack. */
  readonly servers?: readonly string[];
}

const newFolder = () => mkdtempSync(join(scratch, "review-"));

/** Synthesizes an app with load balancers of these ids, below constructs of those above them. */
function synthesize({ outdir = newFolder(), context = {}, stacks = { prod: ["Dns"] }, above, servers = [] }: Plan) {
  const app = new App({ outdir, context });
  let number = 1;
  const nodeIn = (scope: Construct) => {
    number += 1;
    return new FakeNode(scope, `N${number}`, [`10.0.0.${number}`]);
  };
  for (const [stackId, ids] of Object.entries(stacks)) {
    const stack = new TerraformStack(app, stackId);
    for (const scope of above?.map((id) => new Construct(stack, id)) ?? [stack]) {
      for (const id of ids) {
        const loadBalancer = new StandaloneLoadBalancer(scope, id, { node: nodeIn(scope) });
        const pool = resolverPool(scope, `Resolvers${number}`);
        loadBalancer.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
      }
      for (const id of servers) new UnboundServer(scope, id, { node: nodeIn(scope), allowFrom: ["10.0.0.0/8"] });
    }
  }
  app.synth();
  const folderOf = (stack: string) => join(outdir, "stacks", stack, "dns-lb");
  return { app, outdir, folder: folderOf("prod"), folderOf };
}

test("synthesis writes picture, page, model and the files of each node", () => {
  const { app, folder } = synthesize({});
  const [node] = nodesOf(app);
  expect(readdirSync(join(folder, "dns")).sort()).toEqual(["model.json", "nodes", "stack.html", "topology.svg"]);
  for (const [path, content] of node?.files ?? []) {
    expect(readFileSync(join(folder, "dns/nodes/n2", path), "utf8")).toBe(content);
  }
  expect(node?.files.size).toBeGreaterThan(4);
});

test("the same app gives the same bytes in another folder", () => {
  const contents = () => {
    const { folder } = synthesize({});
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.\w+$/.test(path))
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]);
  };
  expect(contents()).toEqual(contents());
});

test("what is not there any more leaves no files", () => {
  const { outdir, folder } = synthesize({ stacks: { prod: ["Dns", "Other"] } });
  mkdirSync(join(folder, "dns/nodes/gone"));
  writeFileSync(join(folder, "dns/nodes/gone/manifest.json"), "{}");
  synthesize({ outdir });
  expect(readdirSync(folder)).toEqual(["dns"]);
  expect(readdirSync(join(folder, "dns/nodes"))).toEqual(["n2"]);
});

test.each([
  ["after it", { prod: ["Dns"], empty: [] }],
  ["before it", { empty: [], prod: ["Dns"] }],
])("a stack without load balancers keeps no files where another one has some, %s", (_, stacks) => {
  const { outdir } = synthesize({ stacks: { prod: ["Dns"], empty: ["Dns", "Other"] } });
  const { folder, folderOf } = synthesize({ outdir, stacks });
  expect(existsSync(folderOf("empty"))).toBe(false);
  expect(readdirSync(folder)).toEqual(["dns"]);
});

test("each stack keeps its own", () => {
  const stacks = { prod: ["Dns", "Other"], backup: ["Dns"] };
  const { outdir } = synthesize({ stacks });
  const { folder, folderOf } = synthesize({ outdir, stacks });
  expect(readdirSync(folder).sort()).toEqual(["dns", "other"]);
  expect(readdirSync(folderOf("backup"))).toEqual(["dns"]);
});

test("servers that the app deploys have their files and a record, and remove what load balancers have left", () => {
  const { outdir, folder } = synthesize({ servers: ["Resolver1"] });
  expect(readdirSync(folder).sort()).toEqual(["dns", "resolver1"]);
  expect(readdirSync(join(folder, "resolver1")).sort()).toEqual(["model.json", "nodes"]);
  const { app } = synthesize({ outdir, stacks: { prod: [] }, servers: ["Resolver1"] });
  expect(readdirSync(folder)).toEqual(["resolver1"]);
  const [node] = nodesOf(app);
  for (const [path, content] of node?.files ?? []) {
    expect(readFileSync(join(folder, "resolver1/nodes/n2", path), "utf8")).toBe(content);
  }
  expect(node?.files.size).toBe(2);
});

test("the context of the app switches it off, and removes what was written", () => {
  const { outdir, folder } = synthesize({});
  synthesize({ outdir, context: { "cdktf-dns-lb:review": false } });
  expect(existsSync(folder)).toBe(false);
  synthesize({ outdir, context: { "cdktf-dns-lb:review": true } });
  expect(readdirSync(folder)).toEqual(["dns"]);
});

test.each(["off", 0, null])("fails when the context says %j", (value) => {
  expect(refusal(() => synthesize({ context: { "cdktf-dns-lb:review": value } }))).toBe(
    `[prod/Dns] 'cdktf-dns-lb:review' must be true or false in the context of the app, got ${JSON.stringify(value)} [DNSLB103]`,
  );
});

test("folders have the names of the constructs above, and stay in their place whatever these are", () => {
  const { folder, outdir } = synthesize({ above: ["Site", "..", "a b", "a-b", "Con"] });
  expect(readdirSync(folder).sort()).toEqual(["a-b.dns", "a-b.dns_2", "con_.dns", "dns", "site.dns"]);
  expect(readdirSync(join(outdir, "stacks")).sort()).toEqual(["prod"]);
  expect(existsSync(join(outdir, "dns"))).toBe(false);
});
