import type { MountPropagation, MountSettings, MountType } from "dockerode";
import type { Value } from "../protocol/value.js";
import type { Attributes } from "../sdk/draft.js";
import { Refusal } from "../sdk/resource.js";
import { type Connection, speaks } from "./connection.js";

/** The `mounts` blocks as the engine takes them. */
export function mountSettings(blocks: readonly Attributes[], connection: Connection): MountSettings[] {
  return blocks.map((block) => {
    const mount: MountSettings = {
      Target: block.text("target"),
      Source: block.text("source"),
      Type: mountType(block.text("type")),
      ReadOnly: block.flag("read_only"),
    };
    const bind = block.block("bind_options");
    const volume = block.block("volume_options");
    const tmpfs = block.block("tmpfs_options");
    if (mount.Type === "bind" && bind?.has("propagation") === true) {
      mount.BindOptions = { Propagation: propagation(bind.text("propagation")) };
    }
    if (mount.Type === "volume" && volume !== undefined) {
      // The real provider asks for this API as soon as there is the block, whatever it holds.
      if (!speaks(connection, "1.45")) {
        throw new Refusal("Setting VolumeOptions.Subpath requires docker version 1.45 or higher");
      }
      mount.VolumeOptions = {
        NoCopy: volume.flag("no_copy"),
        Labels: volume.labels("labels"),
        DriverConfig: { Name: volume.text("driver_name"), Options: volume.map("driver_options") },
        ...(volume.has("subpath") ? { Subpath: volume.text("subpath") } : {}),
      };
    }
    if (mount.Type === "tmpfs" && tmpfs !== undefined) {
      mount.TmpfsOptions = { SizeBytes: tmpfs.count("size_bytes"), Mode: tmpfs.count("mode") };
    }
    return mount;
  });
}

/** The mounts of a container as `mounts` blocks. */
export function mountBlocks(mounts: readonly MountSettings[]): Value {
  return mounts.map((mount) => ({
    target: mount.Target,
    source: mount.Source ?? "",
    type: mount.Type,
    read_only: mount.ReadOnly ?? false,
    bind_options: mount.BindOptions === undefined ? [] : [{ propagation: mount.BindOptions.Propagation }],
    volume_options:
      mount.VolumeOptions === undefined
        ? []
        : [
            {
              no_copy: mount.VolumeOptions.NoCopy ?? false,
              labels: Object.entries(mount.VolumeOptions.Labels ?? {}).map(([label, value]) => ({ label, value })),
              driver_name: mount.VolumeOptions.DriverConfig?.Name ?? "",
              driver_options: mount.VolumeOptions.DriverConfig?.Options ?? {},
              subpath: mount.VolumeOptions.Subpath ?? "",
            },
          ],
    tmpfs_options:
      mount.TmpfsOptions === undefined
        ? []
        : [{ size_bytes: mount.TmpfsOptions.SizeBytes ?? 0, mode: mount.TmpfsOptions.Mode ?? 0 }],
  }));
}

/** The `volumes` blocks, each in the one of three forms that the engine knows. */
export interface VolumeSettings {
  readonly paths: Record<string, Record<string, never>>;
  readonly binds: string[];
  readonly from: string[];
}

export function volumeSettings(blocks: readonly Attributes[]): VolumeSettings {
  const settings: VolumeSettings = { paths: {}, binds: [], from: [] };
  for (const block of blocks) {
    const from = block.text("from_container");
    const path = block.text("container_path");
    const source = block.text("volume_name") || block.text("host_path");
    if (from === "" && path === "") {
      throw new Refusal("Unable to parse volumes: volume entry without container path or source container");
    }
    if (from !== "" && path !== "") {
      throw new Refusal("Unable to parse volumes: both a container and a path specified in a volume entry");
    }
    if (from !== "") settings.from.push(from);
    else settings.paths[path] = {};
    if (from === "" && source !== "") {
      settings.binds.push(`${source}:${path}:${block.flag("read_only") ? "ro" : "rw"}`);
    }
  }
  return settings;
}

function mountType(text: string): MountType {
  if (text === "bind" || text === "volume" || text === "tmpfs") return text;
  throw new Error(`no such mount type: ${text}`);
}

function propagation(text: string): MountPropagation {
  switch (text) {
    case "private":
    case "rprivate":
    case "shared":
    case "rshared":
    case "slave":
    case "rslave":
      return text;
    default:
      throw new Error(`no such propagation: ${text}`);
  }
}
