import type { VolumeInspectInfo } from "dockerode";
import type { Resource } from "../sdk/resource.js";
import { Refusal } from "../sdk/resource.js";
import { attempt, type Connection, complaint, isNotFound } from "./connection.js";
import { labelBlocks } from "./labels.js";
import { removed } from "./wait.js";

/** `docker_volume`: every attribute replaces it. */
export const volume: Resource<Connection> = {
  schemaVersion: 1,
  fields: {
    id: { kind: "string", presence: "optional-computed" },
    name: { kind: "string", presence: "optional-computed", forceNew: true },
    driver: { kind: "string", presence: "optional-computed", forceNew: true },
    driver_opts: { kind: "map", forceNew: true },
    mountpoint: { kind: "string", presence: "computed" },
    labels: { ...labelBlocks, forceNew: true },
  },

  async create(draft, connection) {
    const created: unknown = await attempt("Unable to create volume", () =>
      connection.docker.createVolume({
        Name: draft.text("name"),
        ...(draft.has("driver") ? { Driver: draft.text("driver") } : {}),
        DriverOpts: draft.map("driver_opts"),
        Labels: draft.labels("labels"),
      }),
    );
    draft.id = nameIn(created);
    await this.read(draft, connection);
  },

  async read(draft, { docker }) {
    let found: VolumeInspectInfo;
    try {
      found = await docker.getVolume(draft.id).inspect();
    } catch (error) {
      if (!isNotFound(error)) throw new Refusal(`Unable to inspect volume: ${complaint(error)}`);
      draft.id = "";
      return;
    }
    draft.set("name", found.Name);
    draft.setLabels("labels", found.Labels);
    draft.set("driver", found.Driver);
    draft.set("driver_opts", found.Options ?? {});
    draft.set("mountpoint", found.Mountpoint);
  },

  async delete(draft, { docker }) {
    await removed("in_use", async () => {
      try {
        await docker.getVolume(draft.id).remove({ force: true });
        return true;
      } catch (error) {
        if (/volume is in use/i.test(complaint(error))) return false;
        throw new Refusal(complaint(error));
      }
    });
    draft.id = "";
  },
};

function nameIn(created: unknown): string {
  if (typeof created === "object" && created !== null) {
    if ("Name" in created && typeof created.Name === "string") return created.Name;
    if ("name" in created && typeof created.name === "string") return created.name;
  }
  throw new Error("the engine named no volume");
}
