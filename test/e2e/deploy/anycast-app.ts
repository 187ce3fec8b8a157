/**
 * A group of two nodes in a network of the host's, which announce an address to the router of that network. BASE is what
 * their image is built on, PASSWORD the file with the password of their sessions with the router.
 */
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import {
  AnycastGroup,
  DEBIAN_13,
  DockerNetwork,
  DockerNode,
  DockerNodeImage,
  HealthCheck,
  ResolverPool,
  Secret,
} from "../../../lib/index.js";
import { ADDRESS, ASN, CLIENT, NETWORK, NODES, PARENT, ROUTER } from "./anycast-model.js";

const { ENGINE: host = "", BASE: base = "", PASSWORD: password = "" } = process.env;

const app = new App();
const stack = new TerraformStack(app, "group");
new DockerProvider(stack, "docker", { host });

const image = new DockerNodeImage(stack, "Image", {
  ...{ base, versions: DEBIAN_13, daemons: "anycast", name: "dnslb-e2e-anycast" },
});
const network = DockerNetwork.macvlan({ parent: PARENT, subnet: NETWORK.ipv4, subnet6: NETWORK.ipv6 });
const neighbors = [ROUTER.ipv4, ROUTER.ipv6].map((address) => ({
  ...{ address, asn: ASN.router, password: Secret.fromLocalFile(password) },
}));
const group = new AnycastGroup(stack, "Dns", {
  asn: ASN.nodes,
  addresses: [ADDRESS.ipv4, ADDRESS.ipv6],
  members: Object.entries(NODES).map(([name, { ipv4, ipv6 }]) => ({
    node: new DockerNode(stack, name, { name, address: ipv4, address6: ipv6, network, image }),
    neighbors,
  })),
  ...{ defaultRoute: "bgp", returnAfter: "1s", gracefulShutdown: "5s" },
});
group.addDnsFrontend("Subscribers", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: [{ name: "resolver1", address: ROUTER.ipv4 }],
    healthCheck: HealthCheck.query({ name: "health.example.com", type: "A" }),
  }),
  allowFrom: [`${CLIENT.ipv4}/32`, `${CLIENT.ipv6}/128`],
});
app.synth();
