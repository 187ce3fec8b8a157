/** The container of an app. CONTAINER holds what it is to be as JSON. */
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { DockerNetwork, DockerNode, DockerNodeImage } from "../../lib/index.js";

/** What the app is told of the container. */
export interface PlannedContainer {
  readonly name: string;
  readonly address: string;
  readonly address6: string;
  /** The Docker engine that runs it. */
  readonly engine: string;
  /** The interface of the engine's host on the switch. */
  readonly parent: string;
  /** What its image is built on. */
  readonly base: string;
}

const { CONTAINER = "null" } = process.env;

const container = JSON.parse(CONTAINER) as PlannedContainer | null;

/** Adds the node that is a container, if there is to be one. */
export function addContainers(stack: TerraformStack): readonly DockerNode[] {
  if (container === null) return [];
  const { name, address, address6, engine: host, parent, base } = container;
  new DockerProvider(stack, "docker", { host });
  return [
    new DockerNode(stack, name, {
      ...{ name, address, address6 },
      network: DockerNetwork.macvlan({ parent, subnet: "10.0.0.0/24", subnet6: "fd53::/64" }),
      image: new DockerNodeImage(stack, "Image", { base }),
    }),
  ];
}
