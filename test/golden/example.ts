import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { App } from "cdktf";
import { vi } from "vitest";
import type { SecretFile } from "../../lib/model/node-spec.js";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../lib/model/platform-profile.js";
import { command } from "../../lib/testing/lab/command.js";

const root = join(__dirname, "../..");

/** Where the golden files are: `<example>/<release of Debian>/<node>/...`, as a node has them. */
export const goldenFolder = __dirname;

/** The releases of Debian that each node is compiled for. */
export const RELEASES: Readonly<Record<string, DaemonVersions>> = { "debian-12": DEBIAN_12, "debian-13": DEBIAN_13 };

/** All examples. */
export const examples: readonly string[] = readdirSync(join(root, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** A stack of an example as Terraform gets it. */
export interface Stack {
  readonly name: string;
  /** Its cdk.tf.json. */
  readonly bytes: string;
  /** Its resources: type and path of the construct. Sorted. */
  readonly resources: readonly string[];
  readonly loaders: readonly Loader[];
}

/** What a loader brings to a node. */
export interface Loader {
  readonly node: string;
  /** Templates of Terraform by path in the release, as the JSON has them. */
  readonly templates: ReadonlyMap<string, string>;
  /** Where each secret file comes from. */
  readonly secrets: string;
}

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, ResourceJson>>>>;
}

interface ResourceJson {
  readonly "//": { readonly metadata: { readonly path: string } };
  readonly triggers_replace?: { readonly files?: Readonly<Record<string, string>> };
  readonly provisioner?: readonly { readonly file?: { readonly content: string } }[];
  readonly upload?: readonly { readonly file: string; readonly content?: string; readonly source?: string }[];
}

/** Runs an example as its user would, into an empty folder, and reads what it wrote. */
export async function synthesize(example: string, outdir: string): Promise<readonly Stack[]> {
  const folder = join(root, "examples", example);
  const tsx = join(root, "node_modules/.bin/tsx");
  const env = { CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: "1" };
  await command(["sh", "-c", 'cd "$1" && exec "$2" main.ts', "sh", folder, tsx], { env });
  return readdirSync(join(outdir, "stacks"))
    .sort()
    .map((name) => readStack(name, join(outdir, "stacks", name), folder));
}

function readStack(name: string, directory: string, example: string): Stack {
  const bytes = readFileSync(join(directory, "cdk.tf.json"), "utf8");
  const { resource = {} }: StackJson = JSON.parse(bytes);
  const resources = Object.entries(resource).flatMap(([type, byId]) =>
    Object.values(byId).map((each) => ({ ...each, line: `${type} ${each["//"].metadata.path}` })),
  );
  return {
    name,
    bytes,
    resources: resources.map(({ line }) => line).sort(),
    loaders: resources.flatMap((each) => [
      ...(each.upload ? [readLoader(each.upload, directory, example)] : []),
      ...(each.triggers_replace?.files ? [readRelease(each, directory, example)] : []),
    ]),
  };
}

/** What a host gets over SSH. */
function readRelease({ triggers_replace, provisioner = [] }: ResourceJson, stack: string, example: string): Loader {
  const files = Object.entries(triggers_replace?.files ?? {});
  const manifest = files.find(([path]) => path === "manifest.json")?.[1] ?? "{}";
  const texts = provisioner.flatMap(({ file }) => (file === undefined ? [] : [file.content])).join("\n");
  const secrets = [...texts.matchAll(/"([^"]+)" = filebase64\("([^"]+)"\)/g)];
  return {
    node: JSON.parse(manifest).node,
    templates: new Map(files),
    secrets: secrets
      .map(([, path = "", source = ""]) => secretLine(path, relative(example, resolve(stack, source))))
      .join(""),
  };
}

function readLoader(uploads: NonNullable<ResourceJson["upload"]>, stack: string, example: string): Loader {
  const manifest = uploads.find(({ file }) => file.endsWith("/manifest.json"));
  if (manifest?.content === undefined) throw new RangeError("a loader brings no manifest.json");
  const release = manifest.file.replace(/manifest\.json$/, "");
  const templates = uploads.flatMap(({ file, content }) =>
    content === undefined ? [] : [[file.replace(release, ""), content] as const],
  );
  return {
    node: JSON.parse(manifest.content).node,
    templates: new Map(templates),
    secrets: uploads
      .filter(({ source }) => source !== undefined)
      .map(({ file, source = "" }) => secretLine(file.replace(release, ""), relative(example, resolve(stack, source))))
      .join(""),
  };
}

/** Where the secret files of a node come from, in the words of `Loader.secrets`. */
export function secretLines(files: readonly SecretFile[]): string {
  return files.map(({ path, source }) => secretLine(path, "path" in source ? source.path : "")).join("");
}

function secretLine(path: string, source: string): string {
  return `${path} from ${source}\n`;
}

/** The apps of examples, whose modules run once in a process. */
const apps = new Map<string, App>();

/** The app of an example before its synthesis, so that it can be compiled for other versions. */
export async function appOf(example: string, outdir: string): Promise<App> {
  let app = apps.get(example);
  if (app !== undefined) return app;
  vi.stubEnv("CDKTF_OUTDIR", outdir);
  const synth = vi.spyOn(App.prototype, "synth").mockImplementation(function (this: App) {
    app = this;
  });
  try {
    await import(join(root, "examples", example, "main.ts"));
  } finally {
    synth.mockRestore();
    vi.unstubAllEnvs();
  }
  if (app === undefined) throw new RangeError(`examples/${example}/main.ts synthesizes no app`);
  apps.set(example, app);
  return app;
}
