import { createReadStream, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { debootstrap } from "../../scripts/debian/debootstrap.js";
import { ensureInstalled } from "./engine/install.js";
import type { Engine } from "./engine.js";
import { mustRun } from "./run.js";
import { makeTemporary, removeTemporary } from "./temporary.js";

const SUITE = "trixie";

/** Options for `provideBaseImage()`. */
export interface BaseImageOptions {
  /** @default "trixie" */
  readonly suite?: string;
  /** @default "dnslb-e2e-debian:" and the suite */
  readonly tag?: string;
}

/** A base image in the engine, and where it came from. */
export interface BaseImage {
  readonly tag: string;
  readonly origin: "engine" | "cache" | "debootstrap";
  readonly seconds: number;
}

/** Makes a Debian image from the package mirror that this machine uses, where none can be pulled. */
export async function provideBaseImage(engine: Engine, options: BaseImageOptions = {}): Promise<BaseImage> {
  const suite = options.suite ?? SUITE;
  const tag = options.tag ?? `dnslb-e2e-debian:${suite}`;
  const started = performance.now();
  const provided = (origin: BaseImage["origin"]) => ({ tag, origin, seconds: (performance.now() - started) / 1000 });
  if (await hasImage(engine.docker, tag)) return provided("engine");
  const cached = existsSync(archiveOf(suite));
  await importImage(engine, await provideBaseArchive(suite), tag);
  return provided(cached ? "cache" : "debootstrap");
}

/** Makes the archive of a base image, where no run before has left one, and returns its path. */
export async function provideBaseArchive(suite = SUITE): Promise<string> {
  const archive = archiveOf(suite);
  if (!existsSync(archive)) await makeArchive(suite, archive);
  return archive;
}

const archiveOf = (suite: string) => join(tmpdir(), "dnslb-e2e-cache", `debian-${suite}.tar`);

/** An image built on a base image with Debian packages, and how long that took. */
export interface DerivedImage {
  readonly tag: string;
  readonly seconds: number;
}

/** Builds an image that has the named Debian packages. */
export async function provideImageWith(
  engine: Engine,
  base: string,
  packages: readonly string[],
  tag: string,
): Promise<DerivedImage> {
  const started = performance.now();
  const context = makeTemporary("build");
  const install = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const lines = [`FROM ${base}`, `RUN apt-get update && ${install} && rm -rf /var/lib/apt/lists/*`, ""];
  writeFileSync(join(context, "Dockerfile"), lines.join("\n"));
  try {
    const stream = await engine.docker.buildImage({ context, src: ["Dockerfile"] }, { t: tag });
    await finished(engine.docker, stream, `the image with ${packages.join(", ")}`);
  } finally {
    removeTemporary(context);
  }
  return { tag, seconds: (performance.now() - started) / 1000 };
}

async function makeArchive(suite: string, archive: string): Promise<void> {
  await ensureInstalled(["debootstrap", "debian-archive-keyring"]);
  mkdirSync(dirname(archive), { recursive: true });
  const work = makeTemporary("debootstrap");
  const root = join(work, "root");
  try {
    await debootstrap(suite, root);
    const volatile = ["./var/cache/apt/archives/*.deb", "./var/lib/apt/lists/*", "./var/log/*", "./dev/*"];
    const without = volatile.map((path) => `--exclude=${path}`);
    await mustRun(["tar", "-C", root, "--numeric-owner", ...without, "-cf", join(work, "root.tar"), "."]);
    renameSync(join(work, "root.tar"), archive);
  } finally {
    removeTemporary(work);
  }
}

async function importImage(engine: Engine, archive: string, tag: string): Promise<void> {
  const [repo, name] = tag.split(":");
  const changes = ['CMD ["bash"]'];
  const stream = await engine.docker.importImage(createReadStream(archive), { repo, tag: name, changes });
  await finished(engine.docker, stream, `importing ${tag}`);
  if (engine.proxy === undefined) return;
  const settings = `Acquire::http::Proxy "${engine.proxy}";`;
  const container = await engine.docker.createContainer({ Image: tag, Cmd: ["true"] });
  try {
    const files = pack();
    files.entry({ name: "etc/apt/apt.conf.d/01proxy" }, `${settings}\n`);
    files.finalize();
    await container.putArchive(files, { path: "/" });
    await container.commit({ repo, tag: name });
  } finally {
    await container.remove();
  }
}

async function hasImage(docker: Docker, tag: string): Promise<boolean> {
  return (await docker.listImages({ filters: { reference: [tag] } })).length > 0;
}

/** Reads an engine's progress stream to its end; an error in it fails with all that was said. */
async function finished(docker: Docker, stream: NodeJS.ReadableStream, what: string): Promise<void> {
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error === null ? resolve() : reject(new Error(`${what} failed: ${error.message}\n${said.join("")}`))),
      (event: { stream?: string; error?: string }) => {
        said.push(event.stream ?? "");
        if (event.error !== undefined) reject(new Error(`${what} failed: ${event.error}\n${said.join("")}`));
      },
    );
  });
}
