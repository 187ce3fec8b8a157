import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { expect, test } from "vitest";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, refusal, resolverPool, scratch } from "../constructs.js";

interface Plan {
  readonly outdir?: string;
  readonly context?: Record<string, unknown>;
  readonly ids?: readonly string[];
  readonly above?: readonly string[];
}

const newFolder = () => mkdtempSync(join(scratch, "review-"));

/** Synthesizes an app with load balancers of these ids, below constructs of those above them. */
function synthesize({ outdir = newFolder(), context = {}, ids = ["Dns"], above = [] }: Plan) {
  const app = new App({ outdir, context });
  const stack = new TerraformStack(app, "prod");
  const scopes = above.length === 0 ? [stack] : above.map((id) => new Construct(stack, id));
  for (const [at, scope] of scopes.entries()) {
    for (const [place, id] of ids.entries()) {
      const node = new FakeNode(scope, `N${at}x${place}`, [`10.0.${at}.${place + 2}`]);
      new StandaloneLoadBalancer(scope, id, { node }).addDnsFrontend("Internal", {
        pool: resolverPool(scope, `Resolvers${at}x${place}`),
        allowFrom: ["10.0.0.0/8"],
      });
    }
  }
  app.synth();
  return { app, outdir, folder: join(outdir, "stacks/prod/dns-lb") };
}

test("synthesis writes picture, page, model and the files of each node", () => {
  const { app, folder } = synthesize({});
  const [node] = nodesOf(app);
  expect(readdirSync(join(folder, "dns")).sort()).toEqual(["model.json", "nodes", "stack.html", "topology.svg"]);
  for (const [path, content] of node?.files ?? []) {
    expect(readFileSync(join(folder, "dns/nodes/n0x0", path), "utf8")).toBe(content);
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
  const { outdir, folder } = synthesize({ ids: ["Dns", "Other"] });
  mkdirSync(join(folder, "dns/nodes/gone"));
  writeFileSync(join(folder, "dns/nodes/gone/manifest.json"), "{}");
  synthesize({ outdir });
  expect(readdirSync(folder)).toEqual(["dns"]);
  expect(readdirSync(join(folder, "dns/nodes"))).toEqual(["n0x0"]);
});

test("the context of the app switches it off, and removes what was written", () => {
  const { outdir, folder } = synthesize({});
  synthesize({ outdir, context: { "cdktf-dns-lb:review": false } });
  expect(readdirSync(folder)).toEqual([]);
  synthesize({ outdir, context: { "cdktf-dns-lb:review": true } });
  expect(readdirSync(folder)).toEqual(["dns"]);
});

test.each(["off", 0, null])("fails when the context says %j", (value) => {
  expect(refusal(() => synthesize({ context: { "cdktf-dns-lb:review": value } }))).toBe(
    `[prod/Dns] 'cdktf-dns-lb:review' must be true or false in the context of the app, got ${JSON.stringify(value)} [DNSLB103]`,
  );
});

test("folders have the names of the constructs above, and stay in their place whatever these are", () => {
  const { folder, outdir } = synthesize({ above: ["Site", "..", "a b", "a-b"] });
  expect(readdirSync(folder).sort()).toEqual([".dns", "a-b.dns", "a-b.dns_2", "site.dns"]);
  expect(readdirSync(join(outdir, "stacks")).sort()).toEqual(["prod"]);
  expect(existsSync(join(outdir, "dns"))).toBe(false);
});
