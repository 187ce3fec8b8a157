/**
 * A node with a bridge and a network of the host's, both made by the app. BASE is what its image is built on, SSH_OPTIONS
 * holds options for `ssh` as JSON, GATEWAY the bridge's router.
 */
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import {
  DEBIAN_13,
  DockerNetwork,
  DockerNode,
  DockerNodeImage,
  HealthCheck,
  ResolverPool,
  StandaloneLoadBalancer,
} from "../../../lib/index.js";

const { ENGINE: host = "", BASE: base = "", SSH_OPTIONS: options = "[]", GATEWAY: gateway } = process.env;

const app = new App();
const stack = new TerraformStack(app, "node");
new DockerProvider(stack, "docker", { host, sshOpts: JSON.parse(options) as string[] });

const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", {
  node: new DockerNode(stack, "Node", {
    name: "e2e-host",
    address: "10.97.0.2",
    address6: "fd97::2",
    network: DockerNetwork.bridge({
      subnet: "10.97.0.0/24",
      subnet6: "FD97:0:0:0::/64",
      ...(gateway === undefined ? {} : { gateway }),
    }),
    interfaces: [
      {
        name: "eth1",
        address: "10.98.0.2",
        network: DockerNetwork.macvlan({ parent: "lan0", subnet: "10.98.0.0/24" }),
      },
    ],
    image: new DockerNodeImage(stack, "Image", { base, versions: DEBIAN_13, name: "dnslb-e2e-host" }),
  }),
});
loadBalancer.addDnsFrontend("Internal", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: [{ name: "resolver1", address: "10.97.0.80" }],
    healthCheck: HealthCheck.query({ name: "health.example.com", type: "A" }),
  }),
  allowFrom: ["10.97.0.0/16", "fd97::/64"],
});
app.synth();
