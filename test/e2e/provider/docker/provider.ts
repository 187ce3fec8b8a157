import type { Draft } from "../sdk/draft.js";
import { type Provider, Refusal } from "../sdk/resource.js";
import type { Fields } from "../sdk/schema.js";
import { type Connection, connect } from "./connection.js";
import { container } from "./container.js";
import { image } from "./image.js";
import { network } from "./network.js";
import { volume } from "./volume.js";

const UNSUPPORTED = ["context", "ca_material", "cert_material", "key_material", "cert_path"];

const fields: Fields = {
  host: { kind: "string" },
  context: { kind: "string" },
  ssh_opts: { kind: "list" },
  ca_material: { kind: "string" },
  cert_material: { kind: "string" },
  key_material: { kind: "string" },
  cert_path: { kind: "string" },
  disable_docker_daemon_check: { kind: "bool" },
  registry_auth: {
    kind: "block",
    nesting: "set",
    fields: {
      address: { kind: "string", presence: "required" },
      username: { kind: "string" },
      password: { kind: "string", sensitive: true },
      config_file: { kind: "string" },
      config_file_content: { kind: "string" },
      auth_disabled: { kind: "bool" },
    },
  },
};

/** Stands in for kreuzwerker/docker 3.6.2, as far as this project uses it; relative paths begin at a directory. */
export function dockerProvider(directory: string): Provider<Connection> {
  return {
    fields,
    resources: {
      docker_container: container,
      docker_image: image,
      docker_network: network,
      docker_volume: volume,
    },
    close: (connection) => connection.close(),
    configure: (config: Draft) => {
      const unsupported = [...UNSUPPORTED, "registry_auth"].filter((name) => config.has(name));
      if (unsupported.length > 0) throw new Refusal(`the stand-in has no '${unsupported.join("', '")}'`);
      const host = config.text("host") || process.env["DOCKER_HOST"] || "unix:///var/run/docker.sock";
      return connect(host, directory, config.texts("ssh_opts"));
    },
  };
}
