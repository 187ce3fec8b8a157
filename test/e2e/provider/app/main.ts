/**
 * A tiny app in the shape of a node: a network, a volume, a container that uses both, and a one-shot
 * loader whose failure fails the deploy. GREETING is the configuration that it loads.
 */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { App, Op, TerraformSelf, TerraformStack } from "cdktf";

const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

const app = new App();
const stack = new TerraformStack(app, "tiny");
new DockerProvider(stack, "docker", { host: environment("ENGINE") });
const network = new Network(stack, "network", {
  name: "dnslb-e2e-tiny",
  ipamConfig: [{ subnet: "10.87.0.0/24", gateway: "10.87.0.1" }],
});
const volume = new Volume(stack, "volume", { name: "dnslb-e2e-tiny" });
const node = new Container(stack, "node", {
  name: "dnslb-e2e-tiny-node",
  image: environment("IMAGE"),
  command: ["sleep", "infinity"],
  init: true,
  networksAdvanced: [{ name: network.id, ipv4Address: "10.87.0.11" }],
  volumes: [{ volumeName: volume.name, containerPath: "/state" }],
});
new Container(stack, "loader", {
  name: "dnslb-e2e-tiny-loader",
  image: environment("IMAGE"),
  command: [
    "sh",
    "-c",
    'grep good /in/greeting > /state/greeting || { echo "refused: $(cat /in/greeting)" >&2; exit 3; }',
  ],
  attach: true,
  logs: true,
  mustRun: false,
  restart: "no",
  tty: true,
  upload: [{ file: "/in/greeting", content: environment("GREETING") }],
  volumes: [{ volumeName: volume.name, containerPath: "/state" }],
  dependsOn: [node],
  lifecycle: {
    postcondition: [
      {
        // cdktf 0.21 renders `Op.eq(..., 0)` as a comparison with "undefined".
        condition: Op.lt(TerraformSelf.getAny("exit_code"), 1),
        errorMessage: `the node refused its configuration: ${TerraformSelf.getString("container_logs")}`,
      },
    ],
  },
});
app.synth();
