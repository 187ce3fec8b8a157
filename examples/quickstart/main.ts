/*
 * The smallest useful stack: one node on a Docker host, two resolvers behind it.
 *
 *   npx cdktf synth --app "npx tsx examples/quickstart/main.ts"
 *   npx cdktf deploy --app "npx tsx examples/quickstart/main.ts"
 *   dig @10.0.0.2 www.example.com
 */
import { App, TerraformStack } from "cdktf";
import { DockerNode, ResolverPool, StandaloneLoadBalancer } from "cdktf-dns-lb";

const app = new App();
const stack = new TerraformStack(app, "quickstart");

const resolvers = new ResolverPool(stack, "Resolvers", {
  servers: [
    { name: "resolver1", address: "192.168.1.10" },
    { name: "resolver2", address: "192.168.1.11" },
  ],
});

const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", {
  node: new DockerNode(stack, "Node", { address: "10.0.0.2" }),
});

// On the node's own address, for UDP and TCP.
loadBalancer.addDnsFrontend("Internal", { pool: resolvers, allowFrom: ["10.0.0.0/8"] });

app.synth();
