import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { ImageBuildOptions } from "dockerode";
import type { Attributes } from "../sdk/draft.js";
import { Refusal } from "../sdk/resource.js";
import { type Connection, complaint } from "./connection.js";

const SUPPORTED = [
  ...["context", "dockerfile", "build_args", "labels", "tag", "target", "network_mode"],
  ...["no_cache", "remove", "force_remove", "pull_parent", "platform"],
];
const IGNORED = ["label", "version"];

/** Builds an image from a context on this machine, with the engine's BuildKit as the real provider does. */
export async function buildImage(build: Attributes, name: string, connection: Connection): Promise<void> {
  refuseUnsupported(build);
  const context = resolve(build.text("context"));
  const files = filesIn(context);
  const options: ImageBuildOptions = {
    version: "2",
    t: name,
    dockerfile: build.text("dockerfile"),
    buildargs: build.map("build_args"),
    labels: build.map("labels"),
    rm: build.flag("remove"),
    forcerm: build.flag("force_remove"),
    nocache: build.flag("no_cache"),
    pull: build.flag("pull_parent"),
    ...(build.has("target") ? { target: build.text("target") } : {}),
    ...(build.has("network_mode") ? { networkmode: build.text("network_mode") } : {}),
    ...(build.has("platform") ? { platform: build.text("platform") } : {}),
  };
  const { docker } = connection;
  try {
    const stream = await docker.buildImage({ context, src: files }, options);
    await new Promise<void>((done, failed) => {
      docker.modem.followProgress(
        stream,
        (error) => (error === null ? done() : failed(error)),
        (event: { error?: string }) => event.error !== undefined && failed(new Error(event.error)),
      );
    });
    for (const tag of build.texts("tag")) {
      const [repo = tag, version = "latest"] = tag.split(":");
      await docker.getImage(name).tag({ repo, tag: version });
    }
  } catch (error) {
    throw new Refusal(`Error running legacy build: ${complaint(error)}\n\n`);
  }
}

function refuseUnsupported(build: Attributes): void {
  const known = new Set([...SUPPORTED, ...IGNORED]);
  const unsupported = build.names().filter((name) => !known.has(name));
  if (unsupported.length > 0) throw new Refusal(`the stand-in has no '${unsupported.join("', '")}' in 'build'`);
}

function filesIn(context: string): string[] {
  try {
    statSync(context);
  } catch {
    throw new Refusal(`Error running legacy build: unable to prepare context: path "${context}" not found`);
  }
  return readdirSync(context, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(context, join(entry.parentPath, entry.name)));
}
