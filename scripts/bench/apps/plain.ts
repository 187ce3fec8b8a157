/* An app that has the same resources as another one, without the library: `plain.ts PLAN`. */
import { readFileSync } from "node:fs";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { runApp } from "./app.js";
import { stackFile } from "./stack-file.js";

type Attributes = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
type ResourceClass = new (scope: Construct, id: string, config: never) => TerraformResource;

/** Attributes whose keys are the user's own. */
const MAPS = ["sysctls", "log_opts", "tmpfs"];
/** What is given as constructs, where there are some. */
const DEPENDENCIES = ["depends_on"];
/** What cdktf adds to resources itself. */
const ADDED = ["//", "provider"];

runApp(({ outdir, like = "" }) => {
  const { App, TerraformResource, TerraformStack } = require("cdktf") as typeof import("cdktf");
  const { DockerProvider } =
    require("@cdktf/provider-docker/lib/provider") as typeof import("@cdktf/provider-docker/lib/provider/index.js");
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  const { resource } = JSON.parse(readFileSync(stackFile(like), "utf8")) as { readonly resource: Resources };
  const provider = new DockerProvider(stack, "docker", {});
  for (const [type, made] of Object.entries(resource)) {
    for (const [id, attributes] of Object.entries(made)) {
      const overrides = type.startsWith("docker_") ? DEPENDENCIES : Object.keys(attributes);
      const built = type.startsWith("docker_")
        ? new (classOf(type))(stack, id, { ...configOf(attributes), provider } as never)
        : new TerraformResource(stack, id, { terraformResourceType: type });
      for (const [key, value] of entriesOf(attributes)) if (overrides.includes(key)) built.addOverride(key, value);
    }
  }
  app.synth();
});

/** The class that the provider's package has for a type of resources: `docker_container` is its `Container`. */
function classOf(type: string): ResourceClass {
  const kind = type.replace(/^docker_/, "");
  const name = camel(`_${kind}`);
  const exported = require(`@cdktf/provider-docker/lib/${kind.replaceAll("_", "-")}`) as Record<string, ResourceClass>;
  const found = exported[name];
  if (found === undefined) throw new RangeError(`the provider has no class ${name}`);
  return found;
}

/** Attributes as the class takes them, in camel case. */
function configOf(attributes: Attributes): object {
  const named = entriesOf(attributes).map(([key, value]) => [camel(key), MAPS.includes(key) ? value : plainOf(value)]);
  return Object.fromEntries(named);
}

function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOf);
  return typeof value === "object" && value !== null ? configOf(value as Attributes) : value;
}

function entriesOf(attributes: Attributes): [string, unknown][] {
  return Object.entries(attributes).filter(([key]) => !ADDED.includes(key));
}

function camel(text: string): string {
  return text.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
