/** A pair with a resolver and an authoritative server behind it, each on a host of its own. SAYS is what their records say. */
import { App, TerraformStack } from "cdktf";
import {
  AuthoritativePool,
  Certificate,
  DnsRecord,
  DotListener,
  HaPair,
  NsdServer,
  ResolverPool,
  UnboundServer,
  Zone,
} from "../../lib/index.js";
import { addHosts } from "./app-hosts.js";

const { SAYS = "", CERTIFICATE = "" } = process.env;
/** Who may ask the servers: the nodes of the pair. */
const NODES = ["10.0.0.2/31", "fd53::2/127"];

const app = new App();
const stack = new TerraformStack(app, "dns");
const [one, two, resolver, authority] = addHosts(stack);
if (!one || !two || !resolver || !authority) throw new Error("MACHINES must hold four machines");

const pair = new HaPair(stack, "Dns", {
  nodes: [one, two],
  virtualRouterId: 53,
  virtualAddresses: [{ address: "10.0.0.53" }, { address: "10.0.0.54" }],
});
const frontend = pair.addDnsFrontend("Internal", {
  address: "10.0.0.53",
  pool: new ResolverPool(stack, "Resolvers", {
    servers: [
      new UnboundServer(stack, "Resolver", {
        node: resolver,
        allowFrom: NODES,
        localData: [DnsRecord.txt({ name: "whoami.home.arpa", text: `resolver ${SAYS}` })],
      }),
    ],
  }),
  allowFrom: ["10.0.0.0/24"],
});
new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile(CERTIFICATE) });
pair.addDnsFrontend("Zones", {
  address: "10.0.0.54",
  pool: new AuthoritativePool(stack, "Authoritative", {
    zones: ["example.com"],
    servers: [
      new NsdServer(stack, "Authority", {
        node: authority,
        zones: [
          Zone.fromRecords({
            name: "example.com",
            records: [
              DnsRecord.ns({ name: "@", target: "ns.example.net." }),
              DnsRecord.txt({ name: "whoami", text: `authoritative ${SAYS}` }),
            ],
          }),
        ],
      }),
    ],
  }),
  allowFrom: ["10.0.0.0/24"],
});
app.synth();
