/** A group of all machines behind the router on the operator's side. SERVERS is a list of addresses, CERTIFICATE and PASSWORD are files. */
import { App, TerraformStack } from "cdktf";
import { AnycastGroup, Certificate, DotListener, HealthCheck, ResolverPool, Secret } from "../../lib/index.js";
import { addHosts } from "./app-hosts.js";
import { OPERATOR } from "./network.js";
import { HEALTH } from "./probe.js";
import { GROUP } from "./router.js";

const { SERVERS = "", CERTIFICATE = "", PASSWORD = "" } = process.env;

const app = new App();
const stack = new TerraformStack(app, "dns");
const password = Secret.fromLocalFile(PASSWORD);
const group = new AnycastGroup(stack, "Dns", {
  asn: GROUP.asn,
  addresses: Object.values(GROUP.addresses),
  members: addHosts(stack).map((node) => ({
    node,
    neighbors: OPERATOR.map((address) => ({ address, asn: GROUP.router, password })),
  })),
  returnAfter: "3s",
  gracefulShutdown: "5s",
});
const frontend = group.addDnsFrontend("Internal", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: SERVERS.split(",").map((address, index) => ({ name: `resolver${index + 1}`, address })),
    healthCheck: HealthCheck.query(HEALTH),
  }),
  allowFrom: ["10.0.0.0/8", "fd53::/64"],
});
new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile(CERTIFICATE) });
app.synth();
