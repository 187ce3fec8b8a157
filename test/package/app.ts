// What a user of the published package writes; compiled and run once as CommonJS and once as an ES module.
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { DockerNode, DockerNodeImage, ResolverPool, StandaloneLoadBalancer } from "cdktf-dns-lb";
import * as config from "cdktf-dns-lb/config";

const app = new App();
const stack = new TerraformStack(app, "dns");
new DockerProvider(stack, "docker", {});
const pool = new ResolverPool(stack, "Resolvers", {
  servers: [
    { name: "resolver1", address: "192.168.1.10" },
    { name: "resolver2", address: "192.168.1.11" },
  ],
});
const image = new DockerNodeImage(stack, "Image");
const node = new DockerNode(stack, "Node", { address: "10.0.0.2", image });
const lb = new StandaloneLoadBalancer(stack, "Dns", { node });
lb.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
app.synth();

if (Object.keys(config).length === 0) throw new Error("/config is empty");
