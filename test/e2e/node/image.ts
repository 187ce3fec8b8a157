import type Docker from "dockerode";
import { pack } from "tar-stream";
import { DOCKERFILE, imageFiles } from "../../../lib/platforms/docker/image/files.js";
import { provideBaseImage } from "../base-image.js";
import type { Engine } from "../engine.js";

/** Builds the image of nodes as users do, on a base that this machine can have. */
export async function provideNodeImage(engine: Engine): Promise<string> {
  const tag = "dnslb-e2e-node:trixie";
  const base = await provideBaseImage(engine);
  const context = pack();
  for (const { path, content, executable } of imageFiles()) {
    context.entry({ name: path, mode: executable ? 0o755 : 0o644 }, content);
  }
  context.finalize();
  const options = { t: tag, dockerfile: DOCKERFILE, buildargs: { BASE: base.tag } };
  await finished(engine.docker, await engine.docker.buildImage(context, options));
  return tag;
}

async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const fail = (message: string) => reject(new Error(`the node's image was not built: ${message}\n${said.join("")}`));
    docker.modem.followProgress(
      stream,
      (error) => (error === null ? resolve() : fail(error.message)),
      (event: { stream?: string; error?: string }) => {
        said.push(event.stream ?? "");
        if (event.error !== undefined) fail(event.error);
      },
    );
  });
}
