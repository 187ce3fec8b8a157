import { type Diagnostic, failure } from "../protocol/messages.js";
import { isZero, type ValueObject } from "../protocol/value.js";
import type { Draft } from "../sdk/draft.js";
import type { Resource } from "../sdk/resource.js";
import { attempt, type Connection } from "./connection.js";
import { buildImage } from "./image-build.js";
import { imageFields } from "./image-fields.js";
import { findImage, localImage } from "./local-image.js";

/** `docker_image`: built from a context, found in the engine, or pulled; removed unless kept. */
export const image: Resource<Connection> = {
  schemaVersion: 0,
  fields: imageFields,

  validate(config: ValueObject): readonly Diagnostic[] {
    if (isZero(config["build"] ?? null) || isZero(config["pull_triggers"] ?? null)) return [];
    return [failure("Conflicting configuration arguments", '"build": conflicts with pull_triggers')];
  },

  async create(draft, connection) {
    const name = draft.text("name");
    const build = draft.block("build");
    if (build !== undefined) await buildImage(build, name, connection);
    const found = await attempt("Unable to read Docker image into resource", () =>
      findImage(connection, name, draft.text("platform")),
    );
    draft.id = found.Id + name;
    await this.read(draft, connection);
  },

  async read(draft, connection) {
    const name = draft.text("name");
    const found = await attempt(`resourceDockerImageRead: error looking up local image "${name}"`, () =>
      localImage(connection, name),
    );
    if (found === undefined) {
      draft.id = "";
      return;
    }
    draft.id = found.Id + name;
    draft.set("image_id", found.Id);
    draft.set("repo_digest", repoDigest(name, found.RepoDigests ?? []));
  },

  async update(draft: Draft, _prior: Draft, connection: Connection) {
    await attempt("Unable to read Docker image into resource", () =>
      findImage(connection, draft.text("name"), draft.text("platform")),
    );
    await this.read(draft, connection);
  },

  async delete(draft, connection) {
    const name = draft.text("name");
    if (!draft.flag("keep_locally") && (await localImage(connection, name)) !== undefined) {
      await attempt("Unable to remove Docker image", () =>
        connection.docker.getImage(name).remove({ force: draft.flag("force_remove") }),
      );
    }
    draft.id = "";
  },
};

/** An image that was never pulled has none; of several, the one of the named repository. */
function repoDigest(name: string, digests: readonly string[]): string {
  const [first = ""] = digests;
  if (digests.length < 2) return first;
  const repository = name.split(":")[0] ?? name;
  return digests.find((digest) => digest.startsWith(repository)) ?? first;
}
