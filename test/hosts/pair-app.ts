/**
 * A pair on two hosts, or on a host and a container. SERVERS is a list of addresses, CERTIFICATE and PASSWORD are files, PORT
 * is one more port for DNS over TLS, VIRTUAL one more virtual address, SCRIPT the text of a script that judges the servers. If
 * one of two hosts has left, the other serves alone.
 */
import { App, TerraformStack } from "cdktf";
import {
  Certificate,
  DotListener,
  HaPair,
  HealthCheck,
  ResolverPool,
  Secret,
  StandaloneLoadBalancer,
} from "../../lib/index.js";
import { addContainers } from "./app-containers.js";
import { addHosts } from "./app-hosts.js";
import { HEALTH } from "./probe.js";

const { SERVERS = "", CERTIFICATE = "", PASSWORD = "", PORT, VIRTUAL, SCRIPT } = process.env;

const app = new App();
const stack = new TerraformStack(app, "dns");
const [one, two] = [...addHosts(stack), ...addContainers(stack)];
if (one === undefined) throw new Error("MACHINES must hold a machine");

const password = Secret.fromLocalFile(PASSWORD);
const loadBalancer =
  two === undefined
    ? new StandaloneLoadBalancer(stack, "Alone", { node: one, statistics: { user: "ops", password } })
    : new HaPair(stack, "Dns", {
        nodes: [one, two],
        virtualRouterId: 53,
        virtualAddresses: ["10.0.0.53", "fd53::53", ...(VIRTUAL === undefined ? [] : [VIRTUAL])].map((address) => ({
          address,
        })),
        statistics: { user: "ops", password, address: "10.0.0.53" },
      });
const frontend = loadBalancer.addDnsFrontend("Internal", {
  pool: new ResolverPool(stack, "Resolvers", {
    servers: SERVERS.split(",").map((address, index) => ({ name: `resolver${index + 1}`, address })),
    healthCheck: SCRIPT === undefined ? HealthCheck.query(HEALTH) : HealthCheck.external({ script: SCRIPT }),
  }),
  allowFrom: ["10.0.0.0/8", "fd53::/64"],
});
const certificate = Certificate.fromLocalFile(CERTIFICATE);
new DotListener(stack, "Dot", { frontend, certificate });
if (PORT !== undefined) new DotListener(stack, "Further", { frontend, certificate, port: Number(PORT) });
app.synth();
