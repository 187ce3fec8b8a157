/*
 * Compiles examples/production by whatever `cdktf-dns-lb` is found from where this file is: `release-before.ts` copies it
 * to where that is another version. Reads a `Request` from its input, writes a `Reply` to its output.
 */
import { readFileSync } from "node:fs";
import { App } from "cdktf";
import { type model, NodeUnderTest, nodesOf } from "cdktf-dns-lb/testing";
import { addProductionStacks } from "../../examples/production/stacks.js";

/** What is wanted of the compiler. */
export interface Request {
  /** A folder for the app. */
  readonly outdir: string;
  /** Where the nodes run, by name. */
  readonly profiles: Readonly<Record<string, model.PlatformProfile>>;
}

/** What a node may be brought to, by the name of the node. */
export interface Reply {
  /** Where the library lies. */
  readonly library: string;
  readonly specs: Readonly<Record<string, model.NodeSpec>>;
  /** The same with an access rule more. */
  readonly changed: Readonly<Record<string, model.NodeSpec>>;
}

function compile({ outdir, profiles }: Request): Reply {
  const app = new App({ outdir });
  addProductionStacks(app);
  const nodes = nodesOf(app).filter(({ name }) => name in profiles);
  const of = (under: NodeUnderTest) => {
    const profile = profiles[under.name];
    if (profile === undefined) throw new RangeError(`nobody says where ${under.name} runs`);
    return [under.name, under.specFor(profile)] as const;
  };
  return {
    library: require.resolve("cdktf-dns-lb"),
    specs: Object.fromEntries(nodes.map(of)),
    changed: Object.fromEntries(nodes.map(withAnotherRule).map(of)),
  };
}

function withAnotherRule({ loadBalancer, node, spec }: NodeUnderTest): NodeUnderTest {
  const rule = { action: "refuse", from: ["203.0.113.128/25"], names: [], types: [] } as const;
  const frontends = loadBalancer.frontends.map((frontend) => ({
    ...frontend,
    accessRules: [...frontend.accessRules, rule],
  }));
  return new NodeUnderTest({ kind: "load-balancer", loadBalancer: { ...loadBalancer, frontends } }, node, spec);
}

process.stdout.write(JSON.stringify(compile(JSON.parse(readFileSync(0, "utf8")))));
