import type { NetworkCreateOptions } from "dockerode";
import { toValue, type Value } from "../protocol/value.js";
import type { Attributes } from "../sdk/draft.js";
import { Refusal, type Resource } from "../sdk/resource.js";
import { attempt, type Connection, complaint } from "./connection.js";
import { labelBlocks } from "./labels.js";
import { delay, removed } from "./wait.js";

/** `docker_network`: every attribute replaces it. */
export const network: Resource<Connection> = {
  schemaVersion: 1,
  fields: {
    id: { kind: "string", presence: "optional-computed" },
    name: { kind: "string", presence: "required", forceNew: true },
    check_duplicate: { kind: "bool", forceNew: true },
    driver: { kind: "string", presence: "optional-computed", forceNew: true },
    options: { kind: "map", presence: "optional-computed", forceNew: true },
    internal: { kind: "bool", presence: "optional-computed", forceNew: true },
    attachable: { kind: "bool", forceNew: true },
    ingress: { kind: "bool", forceNew: true },
    ipv6: { kind: "bool", forceNew: true },
    ipam_driver: { kind: "string", default: "default", forceNew: true },
    ipam_options: { kind: "map", forceNew: true },
    scope: { kind: "string", presence: "computed" },
    labels: { ...labelBlocks, forceNew: true },
    ipam_config: {
      kind: "block",
      nesting: "set",
      presence: "optional-computed",
      forceNew: true,
      fields: {
        subnet: { kind: "string", forceNew: true },
        ip_range: { kind: "string", forceNew: true },
        gateway: { kind: "string", forceNew: true },
        aux_address: { kind: "map", forceNew: true },
      },
    },
  },

  async create(draft, connection) {
    const options: NetworkCreateOptions = {
      Name: draft.text("name"),
      Driver: draft.text("driver") || "bridge",
      Internal: draft.flag("internal"),
      Attachable: draft.flag("attachable"),
      Ingress: draft.flag("ingress"),
      EnableIPv6: draft.flag("ipv6"),
      Labels: draft.labels("labels"),
      Options: draft.map("options"),
      IPAM: {
        Driver: draft.text("ipam_driver"),
        Options: draft.map("ipam_options"),
        Config: draft.blocks("ipam_config").map(ipamConfig),
      },
    };
    const created = await attempt("Unable to create network", () => connection.docker.createNetwork(options));
    draft.id = created.id;
    await this.read(draft, connection);
  },

  async read(draft, { docker }) {
    await delay();
    const found = await docker
      .getNetwork(draft.id)
      .inspect()
      .catch(() => undefined);
    if (found === undefined) {
      draft.id = "";
      return;
    }
    draft.set("name", found.Name);
    draft.setLabels("labels", found.Labels);
    draft.set("driver", found.Driver);
    draft.set("internal", found.Internal);
    draft.set("attachable", found.Attachable);
    draft.set("ingress", found.Ingress);
    draft.set("ipv6", found.EnableIPv6 === true);
    draft.set("ipam_driver", found.IPAM?.Driver ?? "");
    draft.set("ipam_options", found.IPAM?.Options ?? {});
    draft.set("scope", found.Scope);
    draft.set("options", found.Options ?? {});
    draft.set("ipam_config", (found.IPAM?.Config ?? []).map(ipamBlock));
  },

  async delete(draft, { docker }) {
    const existing = docker.getNetwork(draft.id);
    await removed("pending", async () => {
      const found = await existing.inspect().catch(() => undefined);
      if (found === undefined) return true;
      try {
        await existing.remove();
        return true;
      } catch (error) {
        if (/has active endpoints/i.test(complaint(error))) return false;
        throw new Refusal(complaint(error));
      }
    });
    draft.id = "";
  },
};

type IpamConfig = NonNullable<NonNullable<NetworkCreateOptions["IPAM"]>["Config"]>[number];

function ipamConfig(block: Attributes): IpamConfig {
  return {
    ...(block.has("subnet") ? { Subnet: block.text("subnet") } : {}),
    ...(block.has("ip_range") ? { IPRange: block.text("ip_range") } : {}),
    ...(block.has("gateway") ? { Gateway: block.text("gateway") } : {}),
    ...(block.has("aux_address") ? { AuxiliaryAddresses: block.map("aux_address") } : {}),
  };
}

function ipamBlock(config: Readonly<Record<string, unknown>>): Value {
  return {
    subnet: toValue(config["Subnet"]),
    ip_range: toValue(config["IPRange"]),
    gateway: toValue(config["Gateway"]),
    aux_address: toValue(config["AuxiliaryAddresses"]),
  };
}
